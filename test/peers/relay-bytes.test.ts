// The relay is byte-exact both ways at once, and its memory does not grow with what goes through, nor with a slow reader.
// WIRELOOP_RELAY_BYTES=1073741824 runs the full size; test/bench/relay-bytes.ts does so and prints what it measures.
import { expect, it } from 'vitest'
import { raceBytes } from '../support/byte-race.ts'
import { cliSource } from '../support/command-line.ts'

const mebibyte = 1024 * 1024
const bytes = Number(process.env['WIRELOOP_RELAY_BYTES'] ?? 64 * mebibyte)
const growthLimit = 64 * mebibyte
/** Ten times what the slowest machine that we know takes, plus the slow seconds. */
const timeoutMs = 60_000 + (bytes / mebibyte) * 100

it.each([
  { reader: 'a fast reader', slow: undefined },
  { reader: 'a reader that takes 1 MB/s for a while', slow: { bytesPerSecond: 1_000_000, seconds: 3 } },
])(
  `${bytes / mebibyte} MiB each way at once arrive unchanged, in memory that grows by less than 64 MiB, with $reader`,
  async ({ slow }) => {
    const result = await raceBytes({
      bytes,
      relayEntry: cliSource,
      relayOptions: ['--quiet'],
      ...(slow === undefined ? {} : { slow }),
    })
    expect(result.equal).toBe(true)
    if (process.platform === 'linux') expect(result.residentPeak - result.residentBefore).toBeLessThan(growthLimit)
  },
  timeoutMs,
)
