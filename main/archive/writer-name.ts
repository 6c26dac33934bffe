// Who writes a file, so that another Wireloop can tell a capture that is being recorded from one whose writer was killed.
// Counterparts: writer.ts (leaves the name), capture-file.ts (asks whether it is still there).
import { readFileSync } from 'node:fs'

/** When a process was started, in ticks since the machine was; empty where the system does not tell, or it has ended. */
const startOf = (pid: number): string => {
  try {
    // The second field is the program's name, in parentheses, and may hold any character.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie: it has ended, and nobody has asked how.
    return state === 'Z' ? '' : (fields[18] ?? '')
  } catch {
    return ''
  }
}

/** This process: its id, and when it was started, because ids come again. */
export const writerName = (): string => `${process.pid} ${startOf(process.pid)}`

/** True where the process of that name still runs. */
export const writerRuns = (name: string): boolean => {
  const [id = '', started = ''] = name.split(' ')
  const pid = Number(id)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return startOf(pid) === started
}
