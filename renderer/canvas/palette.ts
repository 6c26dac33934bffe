// The look's colours and fonts as canvases need them: read from the CSS custom properties, and read again when the theme
// or the system's forced colours change. Counterpart: styles/tokens.css.

const tokens = [
  'bg-canvas',
  'bg',
  'bg-raise',
  'bg-hover',
  'bg-active',
  'line',
  'line-2',
  'line-3',
  'text',
  'text-2',
  'text-3',
  'accent',
  'accent-ink',
  'accent-soft',
  'accent-mid',
  'recv',
  'recv-mark',
  'recv-soft',
  'sent',
  'sent-mark',
  'sent-soft',
  'life',
  'err',
  'err-mark',
  'err-soft',
  'err-mid',
  'on-err',
  'on-poll',
  'bar',
  'bar-line',
  'wait',
  'wait-line',
  'phase-pending',
  'phase-idle',
  'phase-prepare',
  'phase-poll',
  'phase-check',
  'phase-closing',
  'phase-timers',
  'micro',
  'highlight-violet',
  'highlight-green',
  'highlight-pink',
  'highlight-yellow',
  'highlight-cyan',
] as const
export type ColourToken = (typeof tokens)[number]

export interface Palette {
  readonly colour: Readonly<Record<ColourToken, string>>
  /** Families, without size: text of the interface, and data. */
  readonly uiFont: string
  readonly dataFont: string
}

// With forced colours textures, caps and whiskers remain, drawn in the system's own colours.
const forcedColour = (token: ColourToken): string => {
  if (token.startsWith('bg') || token.startsWith('on-')) return 'Canvas'
  if (token === 'accent' || token === 'accent-mid') return 'Highlight'
  if (token === 'accent-ink') return 'HighlightText'
  if (token.endsWith('-soft')) return 'Canvas'
  // Not GrayText: that means disabled, and is a loud green in the best known of these themes.
  if (token === 'line' || token === 'line-2' || token === 'wait') return 'color-mix(in srgb, CanvasText 30%, Canvas)'
  return 'CanvasText'
}

export interface PaletteSource {
  /** The same object until something changes. */
  readonly palette: Palette
  dispose(): void
}

/** Reads the palette from `<html>` and calls `onChange` whenever it has become another. */
export const createPaletteSource = (onChange: () => void): PaletteSource => {
  const root = document.documentElement
  const forced = window.matchMedia('(forced-colors: active)')
  const scheme = window.matchMedia('(prefers-color-scheme: dark)')
  const read = (): Palette => {
    const style = getComputedStyle(root)
    const property = (name: string) => style.getPropertyValue(`--${name}`).trim()
    const colour = Object.fromEntries(
      tokens.map((token) => [token, forced.matches ? forcedColour(token) : property(token)]),
    ) as Record<ColourToken, string>
    return { colour, uiFont: property('font-ui'), dataFont: property('font-data') }
  }
  let palette = read()
  const reread = () => {
    palette = read()
    onChange()
  }
  const observer = new MutationObserver(reread)
  observer.observe(root, { attributes: true, attributeFilter: ['data-theme', 'class', 'style'] })
  forced.addEventListener('change', reread)
  scheme.addEventListener('change', reread)
  // Text drawn before a face has loaded is drawn in another one, and stays so until the next drawing.
  document.fonts.addEventListener('loadingdone', reread)
  return {
    get palette() {
      return palette
    },
    dispose() {
      observer.disconnect()
      forced.removeEventListener('change', reread)
      scheme.removeEventListener('change', reread)
      document.fonts.removeEventListener('loadingdone', reread)
    },
  }
}
