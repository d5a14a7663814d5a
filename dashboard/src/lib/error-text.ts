/** What went wrong, for the person in front of it. */
import { ApiError } from "@/lib/http";
import { translate } from "@/lib/i18n";

export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return translate("common.error_unexpected");
  if (error.status === 0) return translate("common.error_no_answer");
  if (error.status === 429) {
    const seconds = Math.ceil(error.retryAfter ?? 30);
    return error.detail ? sentence(error.detail) : translate("common.error_too_many", { count: seconds });
  }
  if (error.detail) return sentence(error.detail);
  if (error.status === 403) return translate("common.error_forbidden");
  if (error.status === 404) return translate("common.error_not_found");
  return translate("common.error_server", { status: String(error.status) });
}

/** The API's texts begin small and end without a full stop, so that they can be joined. */
function sentence(text: string): string {
  const trimmed = text.trim();
  // An address, a file's name or a number stays as it is spelled.
  const first = /^[a-z]+(?=[,;:.]?(?:\s|$))/.test(trimmed) ? trimmed.charAt(0).toUpperCase() : trimmed.charAt(0);
  return first + trimmed.slice(1) + (/[.!?…:)\]]$/.test(trimmed) ? "" : ".");
}
