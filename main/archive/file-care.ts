// What is done with whole capture files: copied, compacted, checked, deleted. Counterparts: reader.ts (who asks),
// capture-file.ts (which reads them).
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import type { CheckReport } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { CaptureFile } from './capture-file.ts'
import { captureExtension } from './capture-paths.ts'
import { compactFile, openToWrite } from './schema.ts'

/** Pages copied between two turns of the loop: 8 MiB. */
const backupPages = 256
/** What SQLite finds wrong is told up to so many sentences. */
const maxFindings = 20

/** SQLite's own files beside a capture. */
const sidecars = ['-wal', '-shm', '-journal'] as const

/** Paths of the captures in a folder; none where there is no folder. */
export const listCaptures = (folder: string): string[] => {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(captureExtension))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

export const deleteCapture = (path: string): Result<null> => {
  try {
    rmSync(path)
    for (const sidecar of sidecars) rmSync(path + sidecar, { force: true })
    return ok(null)
  } catch (error) {
    const { code = 'error', message } = error as NodeJS.ErrnoException
    return fail(code, `${basename(path)} cannot be deleted: ${message}`)
  }
}

/**
 * Copies a capture that may be recorded meanwhile, as it is at one moment. The copy is a capture that was closed. What is
 * there already is replaced, once the copy is whole, where `replaces`; otherwise nothing is done.
 */
export const saveCapture = async (path: string, to: string, replaces: boolean): Promise<Result<null>> => {
  if (!replaces && existsSync(to)) return fail('EEXIST', `${to} exists already; choose another name`)
  const partial = `${to}.part`
  rmSync(partial, { force: true })
  const source = new DatabaseSync(path, { readOnly: true, timeout: 2000 })
  try {
    // One view of the file for as long as it takes: every commit of the writer would let the copying begin anew.
    source.exec('BEGIN')
    source.prepare('SELECT id FROM capture').get()
    await backup(source, partial, { rate: backupPages })
    const copy = new DatabaseSync(partial)
    copy.exec('PRAGMA journal_mode = DELETE; UPDATE capture SET closed = 1')
    copy.close()
    for (const sidecar of sidecars) rmSync(to + sidecar, { force: true })
    renameSync(partial, to)
    return ok(null)
  } catch (error) {
    for (const sidecar of ['', ...sidecars]) rmSync(partial + sidecar, { force: true })
    const { code = 'error', message } = error as NodeJS.ErrnoException
    return fail(code, `${basename(path)} cannot be copied to ${to}: ${message}`)
  } finally {
    source.close()
  }
}

/** Compacts a capture that nobody writes. Value: bytes gained. */
export const compactCapture = (path: string): Result<number> => {
  try {
    const db = openToWrite(path)
    try {
      const gained = compactFile(db)
      db.exec('PRAGMA journal_mode = DELETE')
      return ok(gained)
    } finally {
      db.close()
    }
  } catch (error) {
    return fail('error', `${basename(path)} cannot be compacted: ${(error as Error).message}`)
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** Reads all of a file and compares it with what was written. Others are answered in between. */
export const checkCapture = async (path: string, recording: boolean): Promise<CheckReport> => {
  const file = new CaptureFile(path, recording)
  try {
    const problems: string[] = []
    let damagedSegments = 0
    let events = 0
    let next = 0
    for (;;) {
      const finding = file.inSnapshot(() => {
        const segment = file.segments[file.findSeq(next)]
        if (segment === undefined) return null
        if (next > 0 && segment.firstSeq - next !== segment.droppedBefore && segment.firstSeq > next)
          problems.push(`Events ${next} to ${segment.firstSeq - 1} are missing`)
        next = segment.firstSeq + segment.count
        return { segment, damage: file.damageOf(segment) }
      })
      if (finding === null) break
      if (finding.damage === null) events += finding.segment.count
      else {
        damagedSegments++
        problems.push(finding.damage)
      }
      await turn()
    }
    let record = 0
    for (;;) {
      const loop = file.loops[file.findRecord(record)]
      if (loop === undefined) break
      record = loop.firstRecord + loop.count
      if (file.inSnapshot(() => file.loopRows(loop)) === null && file.loops.includes(loop))
        problems.push(`Loop records ${loop.firstRecord} to ${record - 1} cannot be read`)
      await turn()
    }
    problems.unshift(...file.problems)
    try {
      for (const row of file.db.prepare(`PRAGMA quick_check(${maxFindings})`).all()) {
        const found = String(Object.values(row)[0])
        if (found !== 'ok') problems.push(`SQLite: ${found}`)
      }
    } catch (error) {
      problems.push(`SQLite: ${(error as Error).message}`)
    }
    return { problems, segments: file.segments.length, damagedSegments, events }
  } finally {
    file.close()
  }
}
