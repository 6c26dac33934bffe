// A phase's mark at 12 px: its colour and its texture, beside its name. Counterpart: flame/textures.ts, which draws the same
// on canvases. Decoration: the word beside it says the same.
import { useId } from 'react'
import type { Lane } from '../loop-log/lanes.ts'
import { textureOf } from './flame/textures.ts'

const lines: Readonly<Record<string, string>> = {
  horizontal: 'M0 2H4',
  vertical: 'M2 0V4',
  rising: 'M-1 5 5 -1M-1 1 1 -1M3 5 5 3',
  falling: 'M-1 -1 5 5M3 -1 5 1M-1 3 1 5',
  cross: 'M-1 5 5 -1M-1 1 1 -1M3 5 5 3M-1 -1 5 5M3 -1 5 1M-1 3 1 5',
}

/** The SVG pattern of a phase under an id of the caller's; fill with `url(#id)`. */
export const PhasePattern = ({ id, phase }: { readonly id: string; readonly phase: keyof typeof textureOf }) => {
  const colour = `var(--phase-${phase})`
  const texture = textureOf[phase]
  return (
    <pattern id={id} width="4" height="4" patternUnits="userSpaceOnUse">
      <rect width="4" height="4" fill={colour} opacity={texture === 'solid' ? 1 : 0.25} />
      {texture === 'dots' ? <circle cx="2" cy="2" r="1" fill={colour} /> : null}
      {texture in lines ? <path d={lines[texture]} stroke={colour} strokeWidth="1.25" fill="none" /> : null}
    </pattern>
  )
}

export const PhaseMark = ({ lane }: { readonly lane: Lane }) => {
  const id = useId()
  if (lane === 'tick' || lane === 'microtask')
    return (
      <svg width="12" height="12" viewBox="0 0 12 12" fill="none" stroke="var(--micro)" aria-hidden="true">
        <rect x=".5" y=".5" width="11" height="11" rx="2.5" />
        {lane === 'tick' ? (
          <path d="M4.5 3.5 7.5 6l-3 2.5" strokeWidth="1.5" />
        ) : (
          <path d="m6 3 3 3-3 3-3-3z" fill="var(--micro)" stroke="none" />
        )}
      </svg>
    )
  return (
    <svg width="12" height="12" viewBox="0 0 12 12" fill="none" aria-hidden="true">
      <PhasePattern id={id} phase={lane} />
      <rect x=".5" y=".5" width="11" height="11" rx="2.5" fill={`url(#${id})`} stroke={`var(--phase-${lane})`} />
    </svg>
  )
}
