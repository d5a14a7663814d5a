import { CircleAlert, X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import type { VariableProblem } from "@/features/composer/variables";
import { dismissUnfinished, useUnfinished } from "@/features/uploads/uploads";
import { useT } from "@/lib/i18n";

/** Names the files whose uploads a reload broke off. */
export function UnfinishedNotice({ chatId, onChoose }: { chatId: string; onChoose: () => void }) {
  const t = useT();
  const names = useUnfinished(chatId);
  if (names.length === 0) return null;
  return (
    <div role="alert" className="mb-1.5 flex items-start gap-2 rounded-md bg-warning-soft py-1 ps-2.5 pe-1 text-sm text-warning">
      <CircleAlert aria-hidden className="mt-1 size-4 shrink-0" />
      <p className="min-w-0 flex-1 py-0.5">{t("composer.unfinished", { count: names.length, files: names.join(", ") })}</p>
      <Button
        size="sm"
        variant="ghost"
        onClick={() => {
          dismissUnfinished(chatId);
          onChoose();
        }}
      >
        {t("composer.unfinished_choose")}
      </Button>
      <IconButton icon={X} size="sm" label={t("common.dismiss")} onClick={() => dismissUnfinished(chatId)} />
    </div>
  );
}

/** A file stands in the way of sending. */
export function FailedFilesNotice() {
  const t = useT();
  return (
    <p role="alert" className="mx-2 mb-1 rounded-md bg-danger-soft px-2 py-1 text-sm text-danger">
      {t("composer.remove_failed")}
    </p>
  );
}

interface VariableNoticeProps {
  id: string;
  problems: readonly VariableProblem[];
  onSendAnyway: () => void;
}

/** Variables without a value: told before the message goes. */
export function VariableNotice({ id, problems, onSendAnyway }: VariableNoticeProps) {
  const t = useT();
  const names = [...new Map(problems.map((problem) => [problem.name, problem])).values()];
  return (
    <div id={id} role="alert" className={problems.length > 0 ? "mx-2 mb-1 flex flex-wrap items-center gap-2 rounded-md bg-danger-soft px-2 py-1 text-sm text-danger" : "hidden"}>
      {problems.length > 0 && (
        <>
          <ul className="min-w-48 flex-1">
            {names.map((problem) => (
              <li key={problem.name}>
                {t(problem.reason === "unknown" ? "composer.variable_unknown" : "composer.variable_empty", { name: `{{${problem.name}}}` })}
              </li>
            ))}
          </ul>
          <Button size="sm" variant="danger-ghost" onClick={onSendAnyway}>
            {t("composer.variable_send")}
          </Button>
        </>
      )}
    </div>
  );
}
