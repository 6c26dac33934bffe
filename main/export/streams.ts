// The data of chosen connections, chunk by chunk: what the exports of streams are made of. Counterparts: raw.ts, yaml.ts,
// main/replay, which sends it again.
import { isData, kindCode, rowBytesOf } from '../../preload/contract/event-columns.ts'
import type { StreamDirection } from '../../preload/contract/exports.ts'
import { batchesOf, type ExportSource } from './source.ts'
import type { Whose } from './tcp-talk.ts'

export interface StreamChunk {
  readonly seq: number
  readonly connection: number
  readonly at: number
  /** Whose bytes they are. */
  readonly from: Whose
  /** What is kept of them: a view, valid until the next chunk is asked for. */
  readonly data: Uint8Array
  /** Bytes on the wire. */
  readonly length: number
}

const received = kindCode('data-received')

/** Chunks in the order in which they were seen. */
export async function* chunksOf(
  source: ExportSource,
  isChosen: (connection: number) => boolean,
  direction: StreamDirection,
  fromSeq = source.firstSeq,
): AsyncGenerator<StreamChunk> {
  for await (const batch of batchesOf(source, fromSeq))
    for (let i = 0; i < batch.count; i++) {
      const kind = batch.kind[i]!
      if (!isData(kind) || !isChosen(batch.connection[i]!)) continue
      const from = kind === received ? 'remote' : 'local'
      if (direction !== 'both' && (direction === 'received') !== (from === 'remote')) continue
      yield {
        seq: batch.firstSeq + i,
        connection: batch.connection[i]!,
        at: batch.at[i]!,
        from,
        data: rowBytesOf(batch, i),
        length: batch.length[i]!,
      }
    }
}
