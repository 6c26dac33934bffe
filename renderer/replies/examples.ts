// Scripts to start from, as they are shipped: their text is what runs. Counterparts: examples/ (the texts), script-section.tsx;
// test/peers/script-examples.test.ts runs each.
import type { Framing } from '../../preload/contract/framing.ts'
import chat from './examples/chat.js?raw'
import http from './examples/http-200.js?raw'
import ping from './examples/length-ping.js?raw'
import redis from './examples/redis-ping.js?raw'
import uppercase from './examples/uppercase.js?raw'

export interface Example {
  readonly name: 'uppercase' | 'chat' | 'length-ping' | 'http-200' | 'redis-ping'
  readonly source: string
  /** What it asks of the framing; null: it takes chunks as they come. */
  readonly framing: Framing | null
}

export const examples: readonly Example[] = [
  { name: 'uppercase', source: uppercase, framing: null },
  { name: 'chat', source: chat, framing: { kind: 'line' } },
  {
    name: 'length-ping',
    source: ping,
    framing: { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false },
  },
  { name: 'http-200', source: http, framing: null },
  { name: 'redis-ping', source: redis, framing: null },
]
