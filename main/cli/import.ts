// `wireloop import`: makes a capture file of a packet capture. Counterparts: main/import, which does it; docs/exports.md.
import { existsSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, extname } from 'node:path'
import { type Command, Option } from 'commander'
import type { ImportSummary } from '../../preload/contract/exports.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { captureExtension } from '../archive/capture-paths.ts'
import { printable } from './human-line.ts'
import { withOutputOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { isSameFile } from './same-file.ts'

interface ImportOptions {
  readonly json?: true
  readonly out?: string
  readonly force?: true
}

export const defineImport = (program: Command, version: string, run: Run): void => {
  withOutputOptions(program.command('import'), version)
    .summary('make a capture of the TCP connections in a pcapng or pcap file')
    .description(
      'Puts the TCP streams of a packet capture in order and writes them to a capture file, which opens like any other. What ' +
        'is wrong with the packets is told; what is whole is there.',
    )
    .argument('<FILE>', 'a packet capture: pcapng or pcap')
    .addOption(new Option('-o, --out <OUT>', 'the capture to write (default: one in this folder, named as the file)'))
    .addOption(new Option('--force', 'replace a file that is there'))
    .action((file: string, options: ImportOptions) => run(() => importPackets(file, options)))
}

const summaryWords = (summary: ImportSummary): string => {
  const some = (count: number, words: string) => (count === 0 ? '' : `; ${count} ${words}`)
  return (
    `${summary.connections} connections with ${summary.payloadBytes} bytes of payload, from ${summary.packets} packets` +
    some(summary.missingBytes, 'bytes are not in the packets') +
    some(summary.repeatedBytes, 'bytes came more than once') +
    some(summary.passedOver, 'packets are no TCP, or cannot be read')
  )
}

const importPackets = async (path: string, options: ImportOptions): Promise<Outcome> => {
  const unavailable = whyNoCaptures()
  if (unavailable !== null) return failed(unavailable)
  if (!existsSync(path)) return failed(printable(`There is no file ${path}`))
  if (statSync(path).isDirectory()) return failed(printable(`${path} is a folder; name a packet capture`))
  const out = options.out ?? `${basename(path, extname(path))}${captureExtension}`
  const replaces = existsSync(out)
  if (replaces) {
    if (isSameFile(path, out)) return failed(printable(`${out} is the packet capture itself; name another file`))
    if (options.force !== true) return failed(printable(`${out} exists already; --force replaces it (EEXIST)`))
    if (statSync(out).isDirectory()) return failed(printable(`${out} is a folder; name a file in it`))
  }
  // What is there stays until something else can take its place.
  const made = replaces ? `${out}.${process.pid}.new` : out
  // Not before it is known that this Node has SQLite.
  const { importPacketFile } = await import('../import/importer.ts')
  const ended = await importPacketFile(path, made)
  if (!ended.ok) return failed(printable(ended.failure.message))
  if (replaces) {
    for (const beside of ['-wal', '-shm', '-journal']) rmSync(out + beside, { force: true })
    renameSync(made, out)
  }
  const { problems, ...summary } = ended.value
  if (options.json) process.stdout.write(`${JSON.stringify({ kind: 'imported', file: out, ...summary, problems })}\n`)
  else {
    for (const problem of problems) process.stderr.write(`wireloop: ${printable(problem)}\n`)
    process.stdout.write(`${printable(out)} has ${summaryWords(ended.value)}.\n`)
  }
  return done
}
