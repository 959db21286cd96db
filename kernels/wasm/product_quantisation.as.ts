// AssemblyScript, part of loops.as.ts.

export function pq_tables(query: usize, codebooks: usize, m: i32, ksub: i32, dsub: i32, tables: usize): void {
  for (let j = 0; j < m; j++, query += <usize> dsub << 2) {
    for (let c = 0; c < ksub; c++, tables += 4) {
      let sum: f32 = 0;
      for (let d: usize = 0; d < <usize> dsub << 2; d += 4, codebooks += 4) {
        const difference = load<f32>(query + d) - load<f32>(codebooks);
        sum += difference * difference;
      }
      store<f32>(tables, sum);
    }
  }
}

export function pq_scan(tables: usize, m: i32, ksub: i32, codes: usize, count: i32, base: f32, out: usize): void {
  for (let i = 0; i < count; i++, out += 4) {
    let sum = base;
    let table = tables;
    for (let j = 0; j < m; j++, codes++, table += <usize> ksub << 2) sum += load<f32>(table + (<usize> load<u8>(codes) << 2));
    store<f32>(out, sum);
  }
}
