// Where capture files lie and what they are called. Counterparts: recording.ts (begins one), archive-host.ts (lists them).
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

export const captureExtension = '.wireloop'

/** A path that is free in the folder, of a name that somebody gave: what no system takes in a name is left out of it. */
export const freePath = (folder: string, name: string): string => {
  const stem =
    name
      .replace(/[^\p{L}\p{N} ._()+-]/gu, '_')
      .replace(/^[. ]+|[. ]+$/g, '')
      .slice(0, 100) || 'imported'
  for (let n = 1; ; n++) {
    const path = join(folder, `${stem}${n === 1 ? '' : ` (${n})`}${captureExtension}`)
    if (!existsSync(path)) return path
  }
}

/** A name that is free in the folder, of the time at which recording begins, in the person's own time zone. */
export const freshCapturePath = (folder: string, at: Date): string => {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const stem = `${day} ${two(at.getHours())}.${two(at.getMinutes())}.${two(at.getSeconds())}`
  return freePath(folder, stem)
}

/** Where captures are kept that were not given a place, by the rules of the system (XDG on Linux). */
export const defaultCaptureFolder = (): string => {
  const home = homedir()
  switch (process.platform) {
    case 'win32':
      return join(process.env['LOCALAPPDATA'] || join(home, 'AppData', 'Local'), 'Wireloop', 'captures')
    case 'darwin':
      return join(home, 'Library', 'Application Support', 'Wireloop', 'captures')
    default:
      return join(process.env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'wireloop', 'captures')
  }
}

/** Makes a folder and those above it. Throws the error that says why, where there is none and none can be made. */
export const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    // On a read-only file system Node says ENOENT; the folder that is there knows better.
    let above = dirname(folder)
    while (!existsSync(above) && above !== dirname(above)) above = dirname(above)
    accessSync(above, constants.W_OK)
    throw error
  }
}
