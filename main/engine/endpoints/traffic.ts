// Counters that add up while bytes flow. Counterpart: the contract's Traffic, which is a copy of one at some moment.
import type { Traffic } from '../../../preload/contract/vocabulary.ts'

export type MutableTraffic = { -readonly [K in keyof Traffic]: Traffic[K] }

export const newTraffic = (): MutableTraffic => ({
  bytesReceived: 0,
  bytesSent: 0,
  messagesReceived: 0,
  messagesSent: 0,
})
