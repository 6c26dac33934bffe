// Whether two paths lead to one file: what is read is not to be replaced by what is made of it. Counterparts: export.ts,
// import.ts.
import { statSync } from 'node:fs'

/** True where both are there and are the same file, also by other names and through links. */
export const isSameFile = (one: string, other: string): boolean => {
  const [a, b] = [one, other].map((path) => statSync(path, { bigint: true, throwIfNoEntry: false }))
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino
}
