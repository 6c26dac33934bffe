// What toxiproxy answers when something is wrong: its words and its status codes (api.go, v2.12). Counterpart: every file beside it.

/** An answer in place of the one that was asked for. */
export class ApiError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

export const badBody = (why: string): ApiError => new ApiError(`bad request body: ${why}`, 400)
export const missingField = (field: string): ApiError => new ApiError(`missing required field: ${field}`, 400)
export const proxyNotFound = (): ApiError => new ApiError('proxy not found', 404)
export const proxyExists = (): ApiError => new ApiError('proxy already exists', 409)
export const invalidStream = (): ApiError =>
  new ApiError('stream was invalid, can be either upstream or downstream', 400)
export const invalidToxicType = (): ApiError => new ApiError('invalid toxic type', 400)
export const toxicExists = (): ApiError => new ApiError('toxic already exists', 409)
export const toxicNotFound = (): ApiError => new ApiError('toxic not found', 404)
export const internal = (message: string): ApiError => new ApiError(message, 500)
