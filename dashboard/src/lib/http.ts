/** Requests to the API: cookies for who asks, JSON both ways, refusals as `ApiError`. */

export type Params = Record<string, string | number | boolean | null | undefined>;

export interface RequestOptions {
  signal?: AbortSignal;
  /** A 401 here means "not signed in", not "the session has ended". */
  anonymous?: boolean;
  headers?: Record<string, string>;
}

/** A refusal. `status` is 0 when there was no answer at all (offline, server away). */
export class ApiError extends Error {
  readonly status: number;
  readonly detail: string;
  /** In seconds. */
  readonly retryAfter: number | null;

  constructor(status: number, detail: string, retryAfter: number | null = null) {
    super(detail || `HTTP ${status}`);
    this.name = "ApiError";
    this.status = status;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const api = {
  get: <T>(path: string, params?: Params, options?: RequestOptions) =>
    request<T>("GET", path + query(params), undefined, options),
  post: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>("POST", path, body, options),
  patch: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>("PATCH", path, body, options),
  put: <T>(path: string, body?: unknown, options?: RequestOptions) =>
    request<T>("PUT", path, body, options),
  delete: <T = void>(path: string, params?: Params, options?: RequestOptions) =>
    request<T>("DELETE", path + query(params), undefined, options),
};

/** "?a=1&b=2", without what is null, undefined or empty; "" when nothing is left. */
export function query(params: Params | undefined): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text && `?${text}`;
}

async function request<T>(
  method: string,
  path: string,
  body: unknown,
  options: RequestOptions = {},
): Promise<T> {
  const form = body instanceof FormData || body instanceof Blob;
  const headers: Record<string, string> = { Accept: "application/json", ...options.headers };
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) init.body = form ? body : JSON.stringify(body);
  if (options.signal) init.signal = options.signal;
  const asked = Date.now();
  const answer = await fetch(path, init).catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "");
  });
  compareClocks(asked, answer.headers.get("Date"));
  if (answer.ok) return (await content(answer)) as T;
  if (answer.status === 401 && !options.anonymous) sessionExpired.emit();
  throw await refusal(answer);
}

/** What the server's clock is ahead of this computer's. */
let ahead = 0;
/** The header is in whole seconds, and may be written a little late. */
const TOLERANCE_MS = 2000;

/** The time as the server has it, to compare with its times: people's clocks are minutes wrong. */
export function serverNow(): number {
  return Date.now() + ahead;
}

/** Believes an answer that contradicts what is believed. A slow one says little, and so contradicts little. */
function compareClocks(asked: number, date: string | null): void {
  const told = Date.parse(date ?? "");
  const least = told - Date.now();
  const most = told - asked;
  if (ahead < least - TOLERANCE_MS || ahead > most + TOLERANCE_MS) ahead = (least + most) / 2;
}

async function content(answer: Response): Promise<unknown> {
  if (answer.status === 204) return undefined;
  const text = await answer.text().catch(() => {
    throw new ApiError(0, ""); // The connection broke within the body.
  });
  return text === "" ? undefined : JSON.parse(text);
}

/** The API's refusal in an answer, also for what was asked without `api` (uploads). */
export async function refusal(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => "");
  return refusalOf(answer.status, text, answer.headers.get("Retry-After"));
}

export function refusalOf(status: number, text: string, retryAfter: string | null): ApiError {
  const seconds = Number.parseFloat(retryAfter ?? "");
  return new ApiError(status, detailOf(text), Number.isFinite(seconds) ? seconds : null);
}

function detailOf(text: string): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "detail" in body) {
      return typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail);
    }
  } catch {
    // A proxy's page: nothing in it is for people who use this application.
  }
  return "";
}

type Listener = () => void;

/** Tells when a request found that the session is over. Uploads tell it too. */
export const sessionExpired = {
  listeners: new Set<Listener>(),
  emit(): void {
    for (const each of this.listeners) each();
  },
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  },
};
