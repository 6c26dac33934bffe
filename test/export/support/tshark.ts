// Asks tshark about a packet capture: what it finds wrong, and the bytes of its streams. Counterpart: main/export/pcapng.ts.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { programPath } from '../../support/peers.ts'

const run = promisify(execFile)

/** Checks what it does not check by itself: checksums. Names are not looked up. */
const always = ['-n', '-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE']

/** tshark's standard output; standard error is only about the user that it runs as, or is thrown. */
export const tshark = async (file: string, ...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await run(programPath('tshark') ?? 'tshark', ['-r', file, ...always, ...args], {
    maxBuffer: 1024 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  })
  const complaints = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Running as user'))
  if (complaints.length > 0) throw new Error(`tshark complains: ${complaints.join('; ')}`)
  return stdout
}

export interface Packet {
  readonly stream: number
  readonly from: string
  readonly to: string
  /** The first letters of its flags, in tshark's order: `AF` for FIN and ACK. */
  readonly flags: string
  /** As hex. */
  readonly payload: string
  readonly time: string
  readonly comments: string
  readonly interface: string
  /** Its sequence number, not made relative. */
  readonly number: number
}

export interface Findings {
  readonly packets: readonly Packet[]
  /** What tshark finds to warn of, or to note of numbers and checksums; not that an RST is one. */
  readonly warnings: readonly string[]
}

const fields = [
  'tcp.stream',
  'ip.src',
  'ipv6.src',
  'tcp.srcport',
  'ip.dst',
  'ipv6.dst',
  'tcp.dstport',
  'tcp.flags.str',
  'tcp.payload',
  'frame.time_epoch',
  'frame.comment',
  'frame.interface_name',
  'frame.number',
  'tcp.seq_raw',
  '_ws.expert.severity',
  'tcp.analysis.flags',
  'tcp.analysis.lost_segment',
  'tcp.analysis.ack_lost_segment',
  'tcp.checksum.status',
  'ip.checksum.status',
  '_ws.malformed',
  '_ws.expert.message',
] as const

/** expert.h: warnings and errors. */
const warns = 0x600000

/** Every packet, and what is wrong with it, in one call. */
export const packetsOf = async (file: string): Promise<Findings> => {
  const text = await tshark(file, '-T', 'fields', ...fields.flatMap((field) => ['-e', field]))
  const rows = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const columns = line.split('\t')
      return Object.fromEntries(fields.map((field, i) => [field, columns[i] ?? ''])) as Record<
        (typeof fields)[number],
        string
      >
    })
  const packets = rows.map((row) => ({
    stream: Number(row['tcp.stream']),
    from: `${row['ip.src']}${row['ipv6.src']}:${row['tcp.srcport']}`,
    to: `${row['ip.dst']}${row['ipv6.dst']}:${row['tcp.dstport']}`,
    flags: row['tcp.flags.str'].replaceAll('·', ''),
    payload: row['tcp.payload'],
    time: row['frame.time_epoch'],
    comments: row['frame.comment'],
    interface: row['frame.interface_name'],
    number: Number(row['tcp.seq_raw']),
  }))
  const isWrong = (row: (typeof rows)[number]): boolean =>
    row['tcp.analysis.flags'] !== '' ||
    row['tcp.checksum.status'] !== '1' ||
    (row['ip.src'] !== '' && row['ip.checksum.status'] !== '1') ||
    row['_ws.malformed'] !== '' ||
    (!row['tcp.flags.str'].includes('R') &&
      row['_ws.expert.severity'].split(',').some((level) => Number(level) >= warns))
  return {
    packets,
    warnings: rows.filter(isWrong).map((row) => `${row['frame.number']}: ${row['_ws.expert.message']}`),
  }
}

/** Payload of one direction of a stream, as hex. */
export const streamOf = ({ packets }: Findings, stream: number, from: string): string =>
  packets
    .filter((packet) => packet.stream === stream && packet.from === from)
    .map(({ payload }) => payload)
    .join('')

/** `follow,tcp,raw` of one stream: its chunks as hex, the first peer's and the other's. */
export const follow = async (
  file: string,
  stream: number,
): Promise<{ readonly first: string; readonly second: string }> => {
  const text = await tshark(file, '-q', '-z', `follow,tcp,raw,${stream}`)
  const lines = text.split('\n').filter((line) => /^\t?([0-9a-f]+|\[.*\])$/.test(line))
  const of = (mine: (line: string) => boolean) =>
    lines
      .filter(mine)
      .map((line) => line.trim())
      .join('')
  return { first: of((line) => !line.startsWith('\t')), second: of((line) => line.startsWith('\t')) }
}
