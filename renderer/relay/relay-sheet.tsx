// The relay sheet: where a relay listens and goes, what it does to each direction, and the chunks that wait. A running relay
// takes what is saved from its next chunk on, and the sheet stays open for what comes of it. Counterparts: use-relay-form.ts,
// flow-column.tsx, queue.tsx; workbench/sheets has the sheets of listeners and clients.
import { Dialog } from '@base-ui/react/dialog'
import { Waypoints } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Flow, flows } from '../../preload/contract/faults.ts'
import { type SheetRequest, useView, viewStore } from '../stores/view.ts'
import { Button, CloseButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { ErrorMark, StatusDot } from '../ui/marks.tsx'
import { FlowColumn } from './flow-column.tsx'
import { TriedContext } from './pattern-field.tsx'
import { Queue } from './queue.tsx'
import { RelayEnds } from './relay-ends.tsx'
import './queue.css'
import './relay.css'
import { useHeldQueue } from './use-held-queue.ts'
import { type RelayForm, useRelayForm } from './use-relay-form.ts'

/** What a key was pressed in: a letter typed there is text. */
const isTyped = (event: KeyboardEvent): boolean =>
  event.nativeEvent
    .composedPath()
    .some(
      (target) =>
        target instanceof HTMLElement &&
        (target.isContentEditable || target.matches('input:not([type=range]), textarea, [role=menu], [role=listbox]')),
    )

const State = ({ form }: { readonly form: RelayForm }) => {
  const { t } = useTranslation()
  const { endpoint } = form
  if (endpoint === undefined) return form.standing === 'gone' ? <span>{t('relay.gone')}</span> : null
  const pairs = Math.ceil(endpoint.connectionsNow / 2)
  return (
    <span className="relay-state">
      <StatusDot endpoint={endpoint} lastCause="none" />
      {endpoint.state === 'live' ? t('relay.state.running', { count: pairs }) : t(`relay.state.${endpoint.state}`)}
    </span>
  )
}

const Foot = ({ form, warned, close }: { readonly form: RelayForm; readonly warned: boolean; close(): void }) => {
  const { t } = useTranslation()
  const { standing, pending, dirty, movedPlaces, endpoint } = form
  const pairs = Math.ceil((endpoint?.connectionsNow ?? 0) / 2)
  const said = warned
    ? t('relay.footUnsaved')
    : form.tried && standing === 'resting' && pending === null
      ? t('sheet.failedStays')
      : movedPlaces
        ? [
            form.saved ? t('relay.footSavedShort') : '',
            t('relay.footAddress'),
            pairs > 0 ? t('relay.restartHelp', { count: pairs }) : '',
          ].join(' ')
        : form.saved
          ? t('relay.footSaved')
          : standing === 'fresh'
            ? t('relay.footFresh')
            : standing === 'running'
              ? t('relay.footLive')
              : t('relay.footStopped')
  return (
    <footer className="sheet-foot">
      <span className="grow" role="status">
        {said}
      </span>
      <Button weight="quiet" large onClick={close}>
        {t(dirty || standing === 'fresh' ? 'relay.cancel' : 'relay.close')}
      </Button>
      {movedPlaces ? (
        <Button large aria-disabled={pending !== null} onClick={() => void form.submit('restart')}>
          {t(pending === 'restart' ? 'relay.restarting' : dirty ? 'relay.restart' : 'relay.restartOnly')}
        </Button>
      ) : null}
      <Button
        weight="primary"
        large
        aria-disabled={pending !== null || standing === 'gone'}
        data-save
        onClick={() => void form.submit('save')}
      >
        {standing === 'running'
          ? t(pending === 'save' ? 'relay.saving' : 'relay.save')
          : pending === null
            ? t(standing === 'fresh' ? 'relay.start' : 'relay.saveStart')
            : t('relay.starting')}
        <Kbd>Ctrl Enter</Kbd>
      </Button>
    </footer>
  )
}

/** Where F6 goes in a part of the sheet: what is the part's own comes before its buttons. */
const firstStops = [
  '[role=row][tabindex="0"]',
  '[data-grip]',
  '[data-add-fault]',
  'input:not([tabindex="-1"])',
  'button',
]

const focusWrong = (body: HTMLElement | null) =>
  requestAnimationFrame(() => body?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())

interface BodyProps {
  readonly request: SheetRequest
  /** Says whether closing would lose something; the first try is then told. */
  readonly guard: RefObject<() => boolean>
  close(): void
}

const Body = ({ request, guard, close }: BodyProps) => {
  const { t } = useTranslation()
  const form = useRelayForm(request.endpoint, close)
  const queue = useHeldQueue(form.made)
  const body = useRef<HTMLDivElement>(null)
  const [flow, setFlow] = useState<Flow>('upstream')
  const [tried, setTried] = useState(false)
  /** Closing was tried with this not saved. */
  const [warnedOf, setWarnedOf] = useState<string | null>(null)
  const warned = warnedOf !== null && form.dirty && warnedOf === form.said
  const { errors, problem } = form

  useEffect(() => {
    guard.current = () => {
      if (!form.dirty || warned || form.pending !== null) return true
      setWarnedOf(form.said)
      return false
    }
  })
  useEffect(() => {
    if (Object.keys(errors).length > 0 || problem !== null) focusWrong(body.current)
  }, [errors, problem])

  const submit = (how: 'save' | 'restart') => {
    setTried(true)
    // A value that is being written is taken, or told, by its own field.
    if (document.activeElement instanceof HTMLElement && document.activeElement.matches('.inline-input')) {
      document.activeElement.blur()
    }
    requestAnimationFrame(() => {
      if (body.current?.querySelector('.flow-columns [aria-invalid=true], .relay-more [aria-invalid=true]') !== null)
        focusWrong(body.current)
      else latest.current(how)
    })
  }
  const latest = useRef((how: 'save' | 'restart') => void form.submit(how))
  useEffect(() => {
    latest.current = (how) => void form.submit(how)
  })

  /** F6 goes round the parts of the sheet. */
  const focusNextPart = (by: 1 | -1) => {
    const parts = [...(body.current?.querySelectorAll<HTMLElement>('[data-part]') ?? [])]
    const at = parts.findIndex((part) => part.contains(document.activeElement))
    for (let i = 1; i <= parts.length; i++) {
      const part = parts[(at + by * i + parts.length * 2) % parts.length]
      const stop = firstStops.map((stops) => part?.querySelector<HTMLElement>(stops)).find((each) => each != null)
      if (stop == null) continue
      stop.focus()
      return
    }
  }

  const keys: Readonly<Record<string, () => void>> = {
    i: () => form.setFlow(flow, (held) => ({ ...held, intercept: { ...held.intercept, on: !held.intercept.on } })),
    a: () => body.current?.querySelector<HTMLElement>(`[data-flow=${flow}] [data-add-fault]`)?.click(),
  }
  /** Before the control that has the focus: Enter with another key would press it. */
  const onEnter = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'Enter' || event.altKey) return
    if (event.ctrlKey || event.metaKey) {
      // In the editor of a chunk it forwards that.
      if (event.target instanceof Element && event.target.closest('.held-editor') !== null) return
      submit('save')
    } else if (event.shiftKey && !isTyped(event) && queue !== null) void queue.forwardAll()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const typed = isTyped(event)
    const withControl = event.ctrlKey || event.metaKey
    if (event.key === 'F6') focusNextPart(event.shiftKey ? -1 : 1)
    else if (typed || event.altKey) return
    else if (withControl && event.key === 'z' && queue !== null) queue.undo()
    else if (!withControl && keys[event.key.toLowerCase()] !== undefined) keys[event.key.toLowerCase()]?.()
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const intercepting = flows.some(
    (each) => form.endpoint?.spec.role === 'relay' && form.endpoint.spec.lab?.[each].intercept.on,
  )
  return (
    <TriedContext.Provider value={tried}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys that are pressed anywhere in the sheet. */}
      <div ref={body} className="relay-body" tabIndex={-1} onKeyDownCapture={onEnter} onKeyDown={onKeyDown}>
        <header className="sheet-head relay-head">
          <Waypoints size={16} aria-hidden="true" />
          <Dialog.Title className="sheet-title">
            {t(request.endpoint === null ? 'sheet.newRelay' : 'sheet.editRelay')}
          </Dialog.Title>
          <input
            className="input relay-name"
            aria-label={t('sheet.name')}
            aria-invalid={errors.name !== undefined}
            placeholder={form.autoName}
            spellCheck={false}
            autoComplete="off"
            value={form.values.name}
            onChange={({ target }) => form.set('name', target.value)}
            onKeyDown={submitOnEnter(() => submit('save'))}
            {...(request.endpoint === null ? { 'data-first': true } : {})}
          />
          <State form={form} />
          <span className="grow" />
          <Kbd>Esc</Kbd>
          <Dialog.Close render={<CloseButton label={t('word.close')} />} />
        </header>
        <div className="relay-scroll scroll">
          {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter in any of its fields. */}
          <div data-part="ends" onKeyDown={submitOnEnter(() => submit('save'))}>
            <RelayEnds form={form} />
          </div>
          <div className="flow-columns">
            {flows.map((each) => (
              // biome-ignore lint/a11y/noStaticElementInteractions: notes where the keys mean what; takes none itself.
              <div
                key={each}
                className="flow-part"
                data-part={each}
                onFocus={() => setFlow(each)}
                onPointerDown={() => setFlow(each)}
              >
                <FlowColumn
                  flow={each}
                  draft={form.lab[each]}
                  withKeys={flow === each}
                  onChange={(change) => form.setFlow(each, change)}
                />
              </div>
            ))}
          </div>
        </div>
        {queue === null || request.endpoint === null ? null : (
          <Queue
            queue={queue}
            intercepting={intercepting}
            running={form.standing === 'running'}
            takeFocus={() => document.activeElement === body.current}
          />
        )}
        {problem !== null && problem.field === null ? (
          <p className="field-error sheet-problem" role="alert">
            <ErrorMark />
            <span>{problem.message}</span>
          </p>
        ) : null}
        <Foot form={form} warned={warned} close={close} />
      </div>
    </TriedContext.Provider>
  )
}

/** Enter in a line of text does what the sheet's button does. */
const submitOnEnter = (submit: () => void) => (event: KeyboardEvent<HTMLElement>) => {
  if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.shiftKey) return
  if (!(event.target instanceof HTMLInputElement)) return
  event.preventDefault()
  event.stopPropagation()
  submit()
}

export const RelaySheet = () => {
  const request = useView((state) => (state.sheet?.role === 'relay' ? state.sheet : null))
  const { closeSheet } = viewStore.getState()
  // What it was about stays while it moves out of sight.
  const [shown, setShown] = useState<{ readonly request: SheetRequest; readonly opened: number } | null>(null)
  if (request !== null && request !== shown?.request) setShown({ request, opened: (shown?.opened ?? 0) + 1 })
  const popup = useRef<HTMLDivElement>(null)
  const guard = useRef(() => true)
  return (
    <Dialog.Root
      open={request !== null}
      onOpenChange={(open, details) => {
        if (open) return
        if (guard.current()) closeSheet()
        else details.cancel()
      }}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="veil" />
        <Dialog.Popup
          ref={popup}
          className="sheet relay"
          initialFocus={() =>
            popup.current?.querySelector<HTMLElement>('[data-first]') ??
            // Letters are keys at once.
            popup.current?.querySelector<HTMLElement>('.relay-body') ??
            true
          }
        >
          {shown === null ? null : <Body key={shown.opened} request={shown.request} guard={guard} close={closeSheet} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
