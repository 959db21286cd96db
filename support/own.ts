/**
 * What an object has under a name that somebody typed or wrote into a file: never what all objects have, such as `constructor`.
 */
export function own<T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
