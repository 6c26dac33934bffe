// One text file that is never half-written: a new one beside it takes its place in a single step, and what cannot be read
// is set aside under another name. Counterpart: workspace.ts, which knows what is in it.
import { copyFile, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface DocumentFile {
  /** Where it is; null where it is in memory only. */
  readonly path: string | null
  /** Its text, or null where there is none. Throws where it cannot be read, or is larger than `maxBytes`. */
  load(maxBytes: number): Promise<string | null>
  /** Takes the place of what was there. Throws where it cannot be written; what was there is then untouched. */
  save(text: string): Promise<void>
  /** Copies what is there beside it; answers the copy's path. */
  setAside(at: Date): Promise<string>
}

const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** `workspace.json` → `workspace.json.damaged-20261123-001500`, with a number where that is taken. */
const freeName = async (path: string, at: Date): Promise<string> => {
  const time = at
    .toISOString()
    .replace(/[-:]|\..*/g, '')
    .replace('T', '-')
  for (let n = 1; ; n++) {
    const name = `${path}.damaged-${time}${n === 1 ? '' : `-${n}`}`
    const taken = await stat(name).then(
      () => true,
      () => false,
    )
    if (!taken) return name
  }
}

export const documentFile = (path: string): DocumentFile => {
  let saves = 0
  return {
    path,
    async load(maxBytes) {
      try {
        const { size } = await stat(path)
        if (size > maxBytes) throw new RangeError(`it has ${size} bytes; at most ${maxBytes} are read`)
        return await readFile(path, 'utf8')
      } catch (error) {
        if (isMissing(error)) return null
        throw error
      }
    },
    async save(text) {
      await mkdir(dirname(path), { recursive: true })
      const temporary = `${path}.${process.pid}-${++saves}.tmp`
      try {
        const file = await open(temporary, 'w', 0o600)
        try {
          await file.writeFile(text)
          // Without it a crash of the machine may leave the new name with nothing in it.
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
    },
    async setAside(at) {
      const aside = await freeName(path, at)
      await copyFile(path, aside)
      return aside
    },
  }
}

/** The same without a file: gone with the process. */
export const memoryDocument = (): DocumentFile => {
  let held: string | null = null
  return {
    path: null,
    load: async () => held,
    save: async (text) => {
      held = text
    },
    // What is in memory was written here, and is whole.
    setAside: async () => '',
  }
}
