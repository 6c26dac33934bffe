// The marks of the look at 12 px, as drawings of our own: the same thing is drawn the same way in side bar, inspector,
// menus and legend. Counterparts: renderer/canvas draws them on the lifelines, the event table in its rows.
// All are decoration: the word beside a mark says the same, so they are hidden from screen readers.
import type { ReactNode } from 'react'
import type { Cause, EndpointInfo, EventKind } from '../../preload/contract/vocabulary.ts'

export interface MarkProps {
  /** Pixels; 12 where not given. */
  readonly size?: number
}

const Mark = ({ size = 12, color, children }: MarkProps & { readonly color: string; readonly children: ReactNode }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 12 12"
    fill="none"
    stroke={color}
    strokeWidth="1.5"
    strokeLinecap="butt"
    strokeLinejoin="miter"
    aria-hidden="true"
  >
    {children}
  </svg>
)

const life = 'var(--life)'
const err = 'var(--err-mark)'

export const ReceivedMark = (props: MarkProps) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d="M6 1v9.5M2.5 7 6 10.5 9.5 7" />
  </Mark>
)
export const SentMark = (props: MarkProps) => (
  <Mark {...props} color="var(--sent-mark)">
    <path d="M6 11V1.5M2.5 5 6 1.5 9.5 5" />
  </Mark>
)
export const MadeMark = (props: MarkProps) => (
  <Mark {...props} color={life}>
    <path d="M2.75 1v10M2.75 6H11" />
  </Mark>
)
/** TLS secures the connection from here on. */
export const LockMark = (props: MarkProps) => (
  <Mark {...props} color={life}>
    <path d="M3.75 5.5V4a2.25 2.25 0 0 1 4.5 0v1.5" />
    <rect x="2.25" y="5.25" width="7.5" height="5.5" fill={life} stroke="none" />
  </Mark>
)
export const ConnectingMark = (props: MarkProps) => (
  <Mark {...props} color={life}>
    <path d="M.5 6h11" strokeDasharray="2.5 1.75" />
  </Mark>
)
/** One direction has ended: the half of the bar that the notch cuts off. `upper` is our own side. */
export const EofMark = ({ upper = false, ...props }: MarkProps & { readonly upper?: boolean }) => (
  <Mark {...props} color="none">
    <path fill={life} d={upper ? 'M1 6.5h10V10H1zM1 2h5L4 5.5H1z' : 'M1 2h10v3.5H1zM1 6.5h3L6 10H1z'} />
  </Mark>
)
export const PausedMark = (props: MarkProps) => (
  <Mark {...props} color="var(--sent-mark)">
    <path d="M1.25 2.75h9.5v6.5h-9.5zM3 9 6.5 3M6 9l3.5-6" strokeWidth="1.25" />
  </Mark>
)
export const ResumedMark = (props: MarkProps) => (
  <Mark {...props} color="var(--sent-mark)">
    <path d="M1.25 2.75h9.5v6.5h-9.5z" strokeWidth="1.5" />
  </Mark>
)
export const ReadingMark = ({ paused, ...props }: MarkProps & { readonly paused: boolean }) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d={paused ? 'M1.25 2.75h9.5v6.5h-9.5zM3 9 6.5 3M6 9l3.5-6' : 'M1.25 2.75h9.5v6.5h-9.5z'} strokeWidth="1.25" />
  </Mark>
)
/** A fault did something to what was received: a hollow tick. */
export const FaultMark = (props: MarkProps) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d="M4.25 1.75h3.5v8.5h-3.5z" strokeWidth="1.25" />
  </Mark>
)
/** A chunk waits for a person. */
export const HeldMark = (props: MarkProps) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d="M3 1.75h2v8.5H3zM7 1.75h2v8.5H7z" strokeWidth="1.25" />
  </Mark>
)
/** It was let go. */
export const ReleasedMark = (props: MarkProps) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d="M3.25 2 9.5 6l-6.25 4z" strokeWidth="1.25" strokeLinejoin="round" />
  </Mark>
)
/** Bytes of it were replaced by others. */
export const ReplacedMark = (props: MarkProps) => (
  <Mark {...props} color="var(--recv-mark)">
    <path d="M4.25 1.75h3.5v8.5h-3.5zM4.25 6h3.5" strokeWidth="1.25" />
  </Mark>
)
export const ClosedHereMark = (props: MarkProps) => (
  <Mark {...props} color="none">
    <rect x="2" y="2" width="8" height="8" fill={life} />
  </Mark>
)
export const ClosedByPeerMark = (props: MarkProps) => (
  <Mark {...props} color={life}>
    <rect x="2.75" y="2.75" width="6.5" height="6.5" />
  </Mark>
)
export const ResetByPeerMark = (props: MarkProps) => (
  <Mark {...props} color={err}>
    <path d="m2 2 8 8M10 2l-8 8" strokeWidth="1.75" />
  </Mark>
)
export const ResetHereMark = (props: MarkProps) => (
  <Mark {...props} color={err}>
    <path d="M1.25 1v10M4 2.5l7 7M11 2.5l-7 7" strokeWidth="1.75" />
  </Mark>
)
export const TimedOutMark = (props: MarkProps) => (
  <Mark {...props} color={err}>
    <circle cx="6" cy="6" r="4.75" />
    <path d="M6 3.25V6l2 1.25" strokeWidth="1.25" />
  </Mark>
)
export const RefusedMark = (props: MarkProps) => (
  <Mark {...props} color={err}>
    <circle cx="6" cy="6" r="4.75" />
    <path d="m2.75 9.25 6.5-6.5" />
  </Mark>
)
export const ErrorMark = (props: MarkProps) => (
  <Mark {...props} color={err}>
    <path d="M6 1.75 11 10.5H1zM6 5v2.5M6 8.25v1" strokeWidth="1.25" strokeLinejoin="round" />
  </Mark>
)
export const LiveMark = (props: MarkProps) => (
  <Mark {...props} color={life}>
    <path d="m4 2 4 4-4 4" />
  </Mark>
)

/** Live: filled. */
export const LiveDot = (props: MarkProps) => (
  <Mark {...props} color="none">
    <circle cx="6" cy="6" r="3.5" fill="var(--accent)" />
  </Mark>
)
/** Listening, nobody connected: a ring. */
export const ListeningDot = (props: MarkProps) => (
  <Mark {...props} color="var(--accent)">
    <circle cx="6" cy="6" r="3.25" />
  </Mark>
)
/** Stopped: a dashed ring. */
export const StoppedDot = (props: MarkProps) => (
  <Mark {...props} color="var(--text-3)">
    <circle cx="6" cy="6" r="3.25" strokeDasharray="1.7 1.7" />
  </Mark>
)

/** How a connection ended, or why it was not made. */
export const CauseMark = ({ cause, ...props }: MarkProps & { readonly cause: Cause }) => {
  switch (cause) {
    case 'closed-here':
      return <ClosedHereMark {...props} />
    case 'closed-by-peer':
      return <ClosedByPeerMark {...props} />
    case 'reset-by-peer':
      return <ResetByPeerMark {...props} />
    case 'reset-here':
      return <ResetHereMark {...props} />
    case 'timed-out':
      return <TimedOutMark {...props} />
    case 'none':
      return <LiveMark {...props} />
    case 'error':
      return <ErrorMark {...props} />
    default:
      return <RefusedMark {...props} />
  }
}

/** True where an ending is drawn and written in the error colour. */
export const isTrouble = (cause: Cause): boolean =>
  cause !== 'none' && cause !== 'closed-here' && cause !== 'closed-by-peer' && cause !== 'cancelled'

/** What an event is; its ending's own mark where it ends a connection. */
export const EventMark = ({
  kind,
  cause,
  ...props
}: MarkProps & { readonly kind: EventKind; readonly cause: Cause }) => {
  switch (kind) {
    case 'data-received':
      return <ReceivedMark {...props} />
    case 'data-sent':
      return <SentMark {...props} />
    case 'connection-made':
      return <MadeMark {...props} />
    case 'connection-started':
      return <ConnectingMark {...props} />
    case 'eof-received':
      return <EofMark {...props} />
    case 'eof-sent':
      return <EofMark {...props} upper />
    case 'writing-paused':
      return <PausedMark {...props} />
    case 'writing-resumed':
      return <ResumedMark {...props} />
    case 'reading-paused':
      return <ReadingMark {...props} paused />
    case 'reading-resumed':
      return <ReadingMark {...props} paused={false} />
    case 'fault-applied':
      return <FaultMark {...props} />
    case 'chunk-held':
      return <HeldMark {...props} />
    case 'chunk-released':
      return <ReleasedMark {...props} />
    case 'chunk-replaced':
      return <ReplacedMark {...props} />
    case 'tls-established':
      return <LockMark {...props} />
    case 'listener-started':
      return <ListeningDot {...props} />
    case 'listener-stopped':
      return <StoppedDot {...props} />
    default:
      return <CauseMark {...props} cause={cause} />
  }
}

/** An endpoint's state; `lastCause` is how its last connection ended, for a client that is not connected. */
export const StatusDot = ({ endpoint, lastCause }: { readonly endpoint: EndpointInfo; readonly lastCause: Cause }) => {
  if (endpoint.state === 'failed') return <CauseMark cause={lastCause === 'none' ? 'error' : lastCause} />
  if (endpoint.state === 'starting') return <ConnectingMark />
  if (endpoint.connectionsNow > 0) return <LiveDot />
  if (endpoint.state === 'live') return <ListeningDot />
  if (endpoint.spec.role === 'client' && lastCause !== 'none') return <CauseMark cause={lastCause} />
  return <StoppedDot />
}

/** Wireloop's own mark: one end of a wire on a loop. */
export const AppMark = ({ size = 16 }: MarkProps) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    aria-hidden="true"
  >
    <circle cx="8" cy="8" r="5" />
    <path d="M0 8h3M13 8h3" />
    <circle cx="8" cy="8" r="1.75" fill="var(--accent)" stroke="none" />
  </svg>
)
