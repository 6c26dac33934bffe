// When a connection was secured, as the page's log knows it: from its event, or from the facts of one that came before the page.
// Counterparts: renderer/event-log/connections.ts, renderer/workbench/lifelines/draw-lock.ts.
import { expect, it } from 'vitest'
import type { TlsFacts } from '../../../preload/contract/tls.ts'
import type { ConnectionId, ConnectionInfo, EndpointId } from '../../../preload/contract/vocabulary.ts'
import { createEventLog } from '../../../renderer/event-log/event-log.ts'
import { made, makeBatch } from '../support/batches.ts'

const facts: TlsFacts = {
  protocol: 'TLSv1.3',
  cipher: 'TLS_AES_256_GCM_SHA384',
  alpn: null,
  serverName: null,
  verified: true,
  notTrusted: null,
  chain: [],
  resumed: false,
}

it('is told by tls-established, and by nothing else', () => {
  const log = createEventLog({ limitBytes: 1024 * 1024 })
  log.append(makeBatch(1, [made(1, 1), { kind: 'tls-established', at: 4, connection: 1, details: facts }, made(2, 2)]))
  expect([1, 2].map((id) => log.connections.get(id as ConnectionId)?.securedAt)).toEqual([4, null])
})

it('is told by the engine’s facts of a connection whose events are gone', () => {
  const log = createEventLog({ limitBytes: 1024 * 1024 })
  const info: ConnectionInfo = {
    id: 3 as ConnectionId,
    endpoint: 1 as EndpointId,
    direction: 'out',
    side: null,
    pair: null,
    state: 'open',
    local: null,
    remote: null,
    startedAt: 5,
    madeAt: 6,
    endedAt: null,
    cause: 'none',
    error: null,
    traffic: { bytesReceived: 0, bytesSent: 0, messagesReceived: 0, messagesSent: 0 },
    bufferedBytes: 0,
    writingPaused: false,
    tls: facts,
  }
  log.addFacts([info, { ...info, id: 4 as ConnectionId, tls: null }])
  expect([3, 4].map((id) => log.connections.get(id as ConnectionId)?.securedAt)).toEqual([6, null])
})
