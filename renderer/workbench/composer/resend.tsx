// What can be done with the bytes of a recorded event: send them again, send them elsewhere, edit them first. Counterparts:
// inspector/event-page.tsx (shows it), workbench/keys.ts (X and T), sending.ts.
import { Pencil, RotateCw, Send } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { CommandMethods } from '../../../preload/contract/api.ts'
import { formatAddress } from '../../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { t as words } from '../../i18n/index.ts'
import { useCommands } from '../../link/link.ts'
import { composerStore, settingsFor } from '../../stores/composer.ts'
import { canSend, type EndpointsState, endpointsStore, useEndpoints } from '../../stores/endpoints.ts'
import { noticeStore } from '../../stores/notice.ts'
import { useViewing } from '../../stores/viewing.ts'
import { workspaceStore } from '../../stores/workspace.ts'
import { Button } from '../../ui/button.tsx'
import { formatCount } from '../../ui/format.ts'
import { Kbd } from '../../ui/kbd.tsx'
import { ActionMenu } from '../action-menu.tsx'
import { leaveFile } from './file-sending.ts'
import { draftFor } from './message.ts'
import { type Target, targetsOf } from './targets.ts'

/** Targets that the menu lists at most. */
const listedTargets = 30

/**
 * Where the bytes of an event would go: what was sent, to the same connection; what a relay received, to its other half;
 * what else was received, back. Of a connection that is over, its endpoint's newest of the same side takes its place.
 */
const sameWay = (seq: number, { connections }: Pick<EndpointsState, 'connections'>): ConnectionInfo | null => {
  const id = eventLog.connection(seq)
  const recorded = id === null ? undefined : (connections.get(id) ?? eventLog.connections.get(id))
  if (id === null || recorded === undefined) return null
  const received = eventLog.kind(seq) === 'data-received'
  const wanted = received && recorded.pair !== null ? recorded.pair : id
  const own = connections.get(wanted)
  if (own !== undefined && canSend(own)) return own
  const otherSide = recorded.side === 'upstream' ? 'downstream' : 'upstream'
  const side = received && recorded.side !== null ? otherSide : recorded.side
  let found: ConnectionInfo | null = null
  for (const other of connections.values())
    if (other.endpoint === recorded.endpoint && other.side === side && canSend(other) && other.id > (found?.id ?? 0))
      found = other
  return found
}

const payload = async (commands: CommandMethods, seq: number): Promise<Result<Uint8Array>> => {
  const read = await commands.readPayload({ seq })
  if (!read.ok) return read
  const { data, length } = read.value
  return data.length < length
    ? fail('dropped', words('composer.partly', { kept: formatCount(data.length), length: formatCount(length) }))
    : ok(data)
}

const sendBytes = async (commands: CommandMethods, seq: number, to: ConnectionInfo): Promise<void> => {
  const bytes = await payload(commands, seq)
  noticeStore.getState().report(bytes.ok ? await commands.send({ connection: to.id, data: bytes.value }) : bytes)
}

/** Puts the bytes into the composer of a connection. */
const editBytes = async (commands: CommandMethods, seq: number, to: ConnectionInfo): Promise<void> => {
  const bytes = await payload(commands, seq)
  if (!noticeStore.getState().report(bytes) || !bytes.ok) return
  const store = composerStore.getState()
  const { encoding } = settingsFor(
    store.settings.get(to.endpoint),
    workspaceStore.getState().parts.endpointSettings,
    endpointsStore.getState().endpoints.get(to.endpoint)?.spec,
  )
  leaveFile(to.id)
  store.want({ connection: to.id, endpoint: to.endpoint, side: to.side })
  store.setDraft(to.id, draftFor(bytes.value, encoding))
  requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-pane=composer] textarea')?.focus())
}

const sameTargets = (a: readonly Target[], b: readonly Target[]): boolean =>
  a.length === b.length && a.every((target, i) => target.connection.id === b[i]!.connection.id)

export const Resend = ({ seq }: { readonly seq: number }) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const live = useViewing((state) => state.file === null)
  const targets = useEndpoints(({ connections, endpoints }) => targetsOf(connections, endpoints), sameTargets)
  if (!live) return null
  const again = sameWay(seq, endpointsStore.getState())
  const nameOf = ({ connection, endpoint }: Target) =>
    `${connection.id} ${endpoint.spec.name} ${connection.remote === null ? '' : formatAddress(connection.remote)}`
  return (
    <div className="resend">
      <Button
        data-send-again={seq}
        disabled={again === null}
        onClick={() => {
          if (again !== null) void sendBytes(commands, seq, again)
        }}
      >
        <RotateCw size={14} aria-hidden="true" />
        {t('composer.sendAgain')}
        <Kbd>X</Kbd>
      </Button>
      <ActionMenu
        align="start"
        trigger={
          <Button data-send-to={seq} disabled={targets.length === 0}>
            <Send size={14} aria-hidden="true" />
            {t('composer.sendTo')}
            <Kbd>T</Kbd>
          </Button>
        }
        groups={[
          {
            title: t('composer.sendToTitle'),
            entries: targets.slice(0, listedTargets).map((target) => ({
              id: `${target.connection.id}`,
              icon: <Send size={14} aria-hidden="true" />,
              text: nameOf(target),
              run: () => void sendBytes(commands, seq, target.connection),
            })),
          },
          {
            title: t('composer.editAndSend'),
            entries: targets.slice(0, listedTargets).map((target) => ({
              id: `edit ${target.connection.id}`,
              icon: <Pencil size={14} aria-hidden="true" />,
              text: nameOf(target),
              run: () => void editBytes(commands, seq, target.connection),
            })),
          },
        ]}
      />
    </div>
  )
}
