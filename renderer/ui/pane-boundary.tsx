// Keeps a bug in one pane from taking the page down: the pane says so and offers to draw again, the others go on. The error
// still stands in the console. Counterparts: workbench.tsx and app.tsx, which put panes into it.
import { Component, type ReactNode } from 'react'
import { t } from '../i18n/index.ts'

interface PaneBoundaryProps {
  /** What the pane is, in a word. */
  readonly name: string
  readonly children: ReactNode
}

interface PaneBoundaryState {
  readonly failed: boolean
}

export class PaneBoundary extends Component<PaneBoundaryProps, PaneBoundaryState> {
  override state: PaneBoundaryState = { failed: false }

  static getDerivedStateFromError(): PaneBoundaryState {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <p className="pane-failed" role="alert">
        {t('app.paneFailed', { name: this.props.name })}
        <button type="button" className="link-button" onClick={() => this.setState({ failed: false })}>
          {t('app.paneRetry')}
        </button>
      </p>
    )
  }
}
