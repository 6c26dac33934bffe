// The right-hand pane: everything known about what is selected. Counterparts: stores/selection.ts says what that is; the
// pages say the rest.
import { X } from 'lucide-react'
import { type ReactNode, useDeferredValue, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Cause, ConnectionInfo } from '../../../preload/contract/vocabulary.ts'
import { eventLog } from '../../event-log/event-log.ts'
import { eventReader } from '../../event-log/reader.ts'
import { stepEvent } from '../../event-log/step.ts'
import { useEndpoints } from '../../stores/endpoints.ts'
import { useLogCounts } from '../../stores/log-counts.ts'
import { useSelection } from '../../stores/selection.ts'
import { viewStore } from '../../stores/view.ts'
import { IconButton } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { CauseMark, EventMark, LiveDot, StatusDot } from '../../ui/marks.tsx'
import { endpointCause } from '../sidebar/endpoint-row.tsx'
import { ConnectionPage } from './connection-page.tsx'
import { EndpointPage } from './endpoint-page.tsx'
import { EventPage } from './event-page.tsx'
import { Legend } from './legend.tsx'
import './inspector.css'

interface Page {
  readonly mark: ReactNode
  readonly title: string
  readonly aside: string
  readonly body: ReactNode
  /** Scrolls back to the top when this changes. */
  readonly key: string
}

const usePage = (): Page => {
  const { t } = useTranslation()
  // A moment later than the rows and the lifelines, which show at once what a key or a click has selected.
  const seq = useDeferredValue(useSelection((state) => state.seq))
  const connectionId = useDeferredValue(useSelection((state) => state.connection))
  const endpointId = useDeferredValue(useSelection((state) => state.endpoint))
  const connection = useEndpoints((state) => (connectionId === null ? undefined : state.connections.get(connectionId)))
  const endpointOf = connection?.endpoint ?? endpointId
  const endpoint = useEndpoints((state) => (endpointOf === null ? undefined : state.endpoints.get(endpointOf)))
  // Its mark is the side bar's: why it failed, or how its last connection ended.
  const cause = useEndpoints((state): Cause => {
    if (endpoint === undefined) return 'none'
    let last: ConnectionInfo | null = null
    for (const each of state.connections.values()) if (each.endpoint === endpoint.id) last = each
    return endpointCause(endpoint, last)
  })
  // An event that is being read may be dropped from the log while it is.
  const held = useLogCounts(() => (seq === null ? false : eventLog.has(seq)))
  if (seq !== null && held)
    return {
      mark: <EventMark kind={eventLog.kind(seq)} cause={eventLog.cause(seq)} />,
      title: eventLog.kind(seq),
      aside: `#${seq}`,
      body: <EventPage seq={seq} />,
      key: `event-${seq}`,
    }
  // The capture has it, and it is on its way.
  if (seq !== null && seq >= eventLog.firstSeq && seq < eventLog.nextSeq && eventReader.failure === null)
    return { mark: null, title: t('inspector.reading'), aside: `#${seq}`, body: null, key: `event-${seq}` }
  if (seq !== null)
    return {
      mark: null,
      title: t('inspector.gone'),
      aside: `#${seq}`,
      body: (
        <section className="inspector-section">
          <p className="legend-help">{t('inspector.goneHelp', { seq })}</p>
        </section>
      ),
      key: `event-${seq}`,
    }
  if (connection !== undefined)
    return {
      mark: connection.cause === 'none' ? <LiveDot /> : <CauseMark cause={connection.cause} />,
      title: t('sidebar.connection', { id: connection.id }),
      aside: endpoint?.spec.name ?? '',
      body: <ConnectionPage connection={connection} />,
      key: `connection-${connection.id}`,
    }
  if (connectionId !== null)
    return {
      mark: null,
      title: t('sidebar.connection', { id: connectionId }),
      aside: '',
      body: (
        <section className="inspector-section">
          <p className="legend-help">{t('inspector.connectionGoneHelp')}</p>
        </section>
      ),
      key: `connection-${connectionId}`,
    }
  if (endpoint !== undefined) {
    return {
      mark: <StatusDot endpoint={endpoint} lastCause={cause} />,
      title: endpoint.spec.name,
      aside: endpoint.spec.name === endpoint.spec.role ? '' : t(`word.${endpoint.spec.role}`).toLowerCase(),
      body: <EndpointPage endpoint={endpoint} />,
      key: `endpoint-${endpoint.id}`,
    }
  }
  return { mark: null, title: t('inspector.nothing'), aside: '', body: <Legend />, key: 'nothing' }
}

export const Inspector = ({ floating }: { readonly floating: boolean }) => {
  const { t } = useTranslation()
  const { mark, title, aside, body, key } = usePage()
  const scroller = useRef<HTMLElement>(null)
  // After it is painted, when that costs no second layout; building it all anew for every event costs more.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page begins at its top
  useEffect(() => {
    if (scroller.current !== null && scroller.current.scrollTop !== 0) scroller.current.scrollTop = 0
  }, [key])
  return (
    <aside className="inspector" aria-label={t('inspector.region')} data-pane="inspector">
      <header className="inspector-head">
        {mark}
        <h2 className="inspector-title data cut">
          {title} <span className="dim">{aside}</span>
        </h2>
        <IconButton label={t('inspector.next')} shortcut="J" onClick={() => stepEvent(1)}>
          <Kbd>J</Kbd>
        </IconButton>
        <IconButton label={t('inspector.previous')} shortcut="K" onClick={() => stepEvent(-1)}>
          <Kbd>K</Kbd>
        </IconButton>
        {floating ? (
          <IconButton
            label={t('inspector.close')}
            shortcut="Esc"
            onClick={() => viewStore.getState().setInspectorOpen(false)}
          >
            <X size={16} aria-hidden="true" />
          </IconButton>
        ) : null}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling pane must be reachable by keyboard. */}
      <section ref={scroller} className="inspector-body scroll" tabIndex={0} aria-label={title} data-pane-focus>
        {body}
      </section>
    </aside>
  )
}
