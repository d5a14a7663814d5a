import { Badge } from "@/components/ui/badge";
import { Spinner } from "@/components/ui/spinner";
import type { TryMessage } from "@/features/settings/assistants/use-try-chat";
import { cx } from "@/lib/class-names";
import { formatNumber, useT } from "@/lib/i18n";

/** Shown by itself, not in the list of what else was told. */
const OWN = new Set(["hand_off", "hand_off_reason", "thinking", "tool_calls", "assistant_id", "source"]);

export function TryBubble({ message }: { message: TryMessage }) {
  const t = useT();
  if (message.from === "Human") {
    return <p dir="auto" className="ms-auto max-w-[85%] rounded-lg bg-bubble-out px-3 py-2 whitespace-pre-wrap">{message.text}</p>;
  }
  const { metadata = {} } = message;
  const reason = metadata["hand_off_reason"];
  return (
    <div className="flex max-w-[90%] flex-col items-start gap-1">
      <Folded title={t("settings.try_thinking")} value={metadata["thinking"]} />
      <Folded title={t("settings.try_tools")} value={metadata["tool_calls"]} />
      {(message.text !== "" || message.state === "streaming") && (
        <p dir="auto" className="rounded-lg bg-bubble-assistant px-3 py-2 whitespace-pre-wrap">
          {message.text || <Spinner label={t("settings.try_waiting")} />}
        </p>
      )}
      {message.error && <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">{message.error}</p>}
      {message.state === "stopped" && <Badge>{t("settings.try_stopped")}</Badge>}
      {metadata["hand_off"] === true && (
        <Badge tone="warning">{typeof reason === "string" ? t("settings.try_hand_off_reason", { reason }) : t("settings.try_hand_off")}</Badge>
      )}
      {message.took !== undefined && (
        <details className="text-xs text-faint">
          <summary className="min-h-6 cursor-pointer leading-6">{t("settings.try_took", { first: formatNumber(message.first ?? message.took), all: formatNumber(message.took) })}</summary>
          <dl className="grid grid-cols-[auto_1fr] gap-x-2">
            {Object.entries(metadata).filter(([name, value]) => !OWN.has(name) && value !== null).map(([name, value]) => (
              <div key={name} className="contents">
                <dt>{name.replaceAll("_", " ")}</dt>
                <dd dir="ltr" className="min-w-0 font-mono break-all">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </div>
  );
}

function Folded({ title, value }: { title: string; value: unknown }) {
  if (value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  return (
    <details className="max-w-full rounded-md border border-line bg-surface px-2 text-sm text-muted">
      <summary className="min-h-6 cursor-pointer leading-6">{title}</summary>
      <pre className={cx("overflow-x-auto pb-1 whitespace-pre-wrap", typeof value !== "string" && "font-mono text-xs")}>
        {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
