/** What the assistant thought and which tools it used, folded. */

import { Brain, ChevronRight, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import type { Message } from "@/api/types";
import { useT } from "@/lib/i18n";

export function Thoughts({ message }: { message: Message }) {
  const t = useT();
  return (
    <>
      {message.thinking && (
        <Fold icon={<Brain className="size-3.5" aria-hidden />} title={t("thread.thinking")}>
          <p className="whitespace-pre-wrap" dir="auto">{message.thinking}</p>
        </Fold>
      )}
      {message.tool_calls.map((call, index) => (
        <Fold key={index} icon={<Wrench className="size-3.5" aria-hidden />} title={t("thread.tool", { name: call.name })}>
          <Block label={t("thread.tool_arguments")} value={call.arguments} />
          <Block label={t("thread.tool_result")} value={call.result} />
        </Fold>
      ))}
    </>
  );
}

function Fold({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <details className="group rounded border border-line bg-surface/60 text-xs">
      <summary className="flex min-h-6 cursor-pointer list-none items-center gap-1 px-1.5 text-muted [&::-webkit-details-marker]:hidden">
        <ChevronRight className="size-3.5 transition-transform group-open:rotate-90 rtl:-scale-x-100" aria-hidden />
        {icon}
        <bdi className="truncate">{title}</bdi>
      </summary>
      <div className="max-h-80 overflow-auto border-t border-line px-2 py-1.5">{children}</div>
    </details>
  );
}

function Block({ label, value }: { label: string; value: unknown }) {
  if (value === null || value === undefined || value === "") return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <>
      <p className="text-muted">{label}</p>
      <pre className="mb-1 font-mono break-words whitespace-pre-wrap" dir="ltr">{text}</pre>
    </>
  );
}
