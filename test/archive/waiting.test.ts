// A workbench that is told to wait for its file leaves nothing out of it, whatever comes. Counterparts: main/workbench.ts
// (`waitsForFile`), main/engine/record/recorder.ts (`onWaiting`), transport.ts (`holdReading`).
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { createWorkbench } from '../../main/workbench.ts'
import { localhost, until } from '../support/loopback.ts'
import { temporaryFolder } from './support/captures.ts'

const mib = 1024 * 1024

it('A file that is waited for has every byte that came, also much faster than it can be written', async () => {
  const workbench = await createWorkbench({ captures: { folder: temporaryFolder() }, waitsForFile: true })
  onTestFinished(() => workbench.stop(0))
  const spec = {
    role: 'listener',
    name: '',
    host: localhost,
    port: 0,
    reply: 'discard',
    greeting: new Uint8Array(0),
  } as const
  const made = await workbench.engine.ask('createEndpoint', { spec })
  if (!made.ok) throw new Error(made.failure.message)
  const chunk = randomBytes(mib)
  const total = 4 * 48 * mib
  const send = async () => {
    const socket = net.connect(made.value.local!.port, localhost)
    for (let sent = 0; sent < total / 4; sent += chunk.length) if (!socket.write(chunk)) await once(socket, 'drain')
    socket.end()
    await once(socket, 'close')
  }
  await Promise.all([send(), send(), send(), send()])
  await until(
    () => workbench.archive?.recording().file?.payloadBytes === total,
    () => `${total} bytes in the file, not ${workbench.archive?.recording().file?.payloadBytes}`,
  )
  expect(workbench.archive?.recording()).toMatchObject({ to: 'file', lostEvents: 0 })
}, 120_000)
