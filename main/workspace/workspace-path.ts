// Where the workspace lies that was not given a place: in the app's folder, by the rules of the system.
import { dirname, join } from 'node:path'
import { defaultCaptureFolder } from '../archive/capture-paths.ts'

export const workspaceFileName = 'workspace.json'

/** Beside the folder of captures. */
export const defaultWorkspacePath = (): string => join(dirname(defaultCaptureFolder()), workspaceFileName)
