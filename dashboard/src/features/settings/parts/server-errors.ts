/** A refusal, put beside the field that it is about. */
import { errorText } from "@/lib/error-text";
import { ApiError } from "@/lib/http";

export interface ServerErrors<Name extends string> {
  fields: Partial<Record<Name, string>>;
  /** What is about no field. */
  rest: string | null;
}

/**
 * The API's texts begin with the field: "name has 0 characters; use 1 to 60", "body.rate: …".
 * `taken` is the field that a conflict is about: most are of a name that is in use.
 */
export function serverErrors<Name extends string>(error: unknown, names: readonly Name[], taken?: Name): ServerErrors<Name> {
  if (!error) return { fields: {}, rest: null };
  const text = errorText(error);
  if (error instanceof ApiError) {
    const about = names.find((name) => startsWith(error.detail, name));
    const field = about ?? (error.status === 409 ? taken : undefined);
    if (field !== undefined) return { fields: { [field]: text } as Partial<Record<Name, string>>, rest: null };
  }
  return { fields: {}, rest: text };
}

function startsWith(detail: string, name: string): boolean {
  const place = detail.replace(/^(body|settings|options|credentials)\./, "");
  return place.startsWith(name) && !/^\w/.test(place.slice(name.length));
}
