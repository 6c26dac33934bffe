// The padlock of a connection that TLS secures, at 12 px. Counterpart: workbench/lifelines/draw-lock.ts draws it on the bar.
export const LockMark = ({ size = 12 }: { readonly size?: number }) => (
  <svg
    width={size}
    height={size}
    viewBox="0 0 12 12"
    fill="none"
    stroke="var(--life)"
    strokeWidth="1.5"
    aria-hidden="true"
    className="lock-mark"
  >
    <path d="M3.75 5.5V4a2.25 2.25 0 0 1 4.5 0v1.5" />
    <rect x="2.25" y="5.25" width="7.5" height="5.5" fill="var(--life)" stroke="none" />
  </svg>
)
