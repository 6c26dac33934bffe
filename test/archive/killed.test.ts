// kill -9 at any moment costs at most the last quarter of a second, and leaves a file that is whole. Counterparts:
// support/killed-recorder.ts (who is killed), main/archive/recording.ts (who commits).
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { checkCapture, listCaptures } from '../../main/archive/file-care.ts'
import { until } from '../support/loopback.ts'
import { fileRows, openFile, temporaryFolder } from './support/captures.ts'

const times = 20
/** What a kill may cost, in ms of event time. */
const promisedMs = 250

/** Records until it is killed, `afterMs` after its first event. Answers the seq and time up to which it had recorded. */
const recordAndKill = async (folder: string, afterMs: number) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'support/killed-recorder.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let told = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    told += text
  })
  const ended = once(child, 'close')
  await until(
    () => told.includes('\n'),
    () => 'the child to record',
    20_000,
  )
  await sleep(afterMs)
  child.kill('SIGKILL')
  await ended
  const [nextSeq, at] = told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1)!.split(' ').map(Number)
  return { nextSeq: nextSeq!, at: at! }
}

describe('A recorder that is killed', () => {
  it('at any moment leaves a file that is whole, and lacks at most a quarter of a second', async () => {
    for (let i = 0; i < times; i++) {
      const folder = temporaryFolder()
      // Not before the first commits, which a busy machine is slow to begin with.
      const told = await recordAndKill(folder, 600 + Math.random() * 400)
      const [path] = listCaptures(folder)
      const report = await checkCapture(path!, false)
      expect(report.problems).toEqual([])
      const file = openFile(path!)
      expect(file.state).toBe('interrupted')
      expect(report.events).toBe(file.nextSeq - 1)
      const { lastAt, connections } = file.info()
      expect(connections).toBe(10)
      expect(told.at - lastAt, `lacks ${told.nextSeq - file.nextSeq} events`).toBeLessThanOrEqual(promisedMs)
      const last = fileRows(file, Math.max(1, file.nextSeq - 100))
      expect(last.map((row) => row.seq)).toEqual(last.map((_, k) => file.nextSeq - last.length + k))
      file.close()
    }
  }, 180_000)
})
