// About how large an export becomes, from what is known without reading: events, connections and bytes. Pure. Counterpart:
// export-sheet.tsx, which says “about”.
import type { ExportFormat } from '../../preload/contract/exports.ts'

/** Bytes for each event and for each byte of payload, measured on echo traffic. */
const costs: Readonly<Record<ExportFormat, { readonly event: number; readonly byte: number }>> = {
  pcapng: { event: 180, byte: 1 },
  jsonl: { event: 150, byte: 4 / 3 },
  // As hex, and as text in which every other byte of binary data is an escape.
  csv: { event: 130, byte: 4 },
  raw: { event: 0, byte: 1 },
  yaml: { event: 90, byte: 1.4 },
}

export const estimateBytes = (format: ExportFormat, events: number, payloadBytes: number): number =>
  events * costs[format].event + payloadBytes * costs[format].byte
