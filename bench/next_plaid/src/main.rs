//! Builds and searches a next-plaid index as a job on standard input says; prints times and passage numbers as JSON.

use std::{fs, io, time::Instant};

use ndarray::Array2;
use next_plaid::{index::IndexConfig, search::SearchParameters, MmapIndex};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Job {
    /// fp16, `[tokens, dim]`.
    rows: String,
    /// int32, one a passage.
    lengths: String,
    dim: usize,
    /// float32, `[queries, query_rows, dim]`.
    queries: String,
    query_rows: usize,
    index: String,
    nbits: usize,
    build: bool,
    k: usize,
    passes: usize,
    settings: Vec<Setting>,
}

#[derive(Deserialize)]
struct Setting {
    name: String,
    probe: usize,
    full: usize,
    threshold: Option<f32>,
}

#[derive(Serialize)]
struct Answer {
    build_seconds: Option<f64>,
    settings: Vec<Searched>,
}

#[derive(Serialize)]
struct Searched {
    name: String,
    /// By query and pass.
    ms: Vec<Vec<f64>>,
    rankings: Vec<Vec<i64>>,
}

fn main() {
    let job: Job = serde_json::from_reader(io::stdin()).expect("a job");
    let build_seconds = job.build.then(|| build(&job));
    let index = MmapIndex::load(&job.index).expect("an index");
    let queries = read_queries(&job);
    let settings = job.settings.iter().map(|setting| search(&index, &queries, setting, job.k, job.passes)).collect();
    println!("{}", serde_json::to_string(&Answer { build_seconds, settings }).expect("JSON"));
}

fn build(job: &Job) -> f64 {
    let rows = fs::read(&job.rows).expect("rows");
    let lengths = fs::read(&job.lengths).expect("lengths");
    let mut at = 0;
    let passages: Vec<Array2<f32>> = lengths
        .chunks_exact(4)
        .map(|bytes| {
            let length = i32::from_le_bytes(bytes.try_into().unwrap()) as usize;
            let size = 2 * length * job.dim;
            let values: Vec<f32> = rows[at..at + size]
                .chunks_exact(2)
                .map(|half| half::f16::from_le_bytes(half.try_into().unwrap()).to_f32())
                .collect();
            at += size;
            Array2::from_shape_vec((length, job.dim), values).unwrap()
        })
        .collect();
    drop(rows);
    let config = IndexConfig { nbits: job.nbits, ..IndexConfig::default() };
    let started = Instant::now();
    MmapIndex::create_with_kmeans(&passages, &job.index, &config).expect("an index");
    started.elapsed().as_secs_f64()
}

fn read_queries(job: &Job) -> Vec<Array2<f32>> {
    let bytes = fs::read(&job.queries).expect("queries");
    let values: Vec<f32> = bytes.chunks_exact(4).map(|four| f32::from_le_bytes(four.try_into().unwrap())).collect();
    values
        .chunks_exact(job.query_rows * job.dim)
        .map(|query| Array2::from_shape_vec((job.query_rows, job.dim), query.to_vec()).unwrap())
        .collect()
}

fn search(index: &MmapIndex, queries: &[Array2<f32>], setting: &Setting, k: usize, passes: usize) -> Searched {
    let parameters = SearchParameters {
        n_full_scores: setting.full,
        top_k: k,
        n_ivf_probe: setting.probe,
        centroid_score_threshold: setting.threshold,
        ..SearchParameters::default()
    };
    let one = |query: &Array2<f32>| {
        let started = Instant::now();
        let result = index.search(query, &parameters, None).expect("a search");
        (1000.0 * started.elapsed().as_secs_f64(), result.passage_ids)
    };
    for query in queries.iter().take(10) {
        one(query);
    }
    let mut ms = vec![Vec::new(); queries.len()];
    let mut rankings = vec![Vec::new(); queries.len()];
    for _ in 0..passes {
        for (i, query) in queries.iter().enumerate() {
            let (time, passages) = one(query);
            ms[i].push(time);
            rankings[i] = passages;
        }
    }
    Searched { name: setting.name.clone(), ms, rankings }
}
