import { RotateCw, X } from "lucide-react";
import { IconButton } from "@/components/ui/icon-button";
import { Progress } from "@/components/ui/progress";
import type { Sending } from "@/features/settings/parts/use-sending";
import { formatBytes, useT } from "@/lib/i18n";

export interface SendingListProps {
  list: readonly Sending[];
  onRetry: (one: Sending) => void;
  onDrop: (id: number) => void;
}

/** Files that are on their way, or did not get there. */
export function SendingList({ list, onRetry, onDrop }: SendingListProps) {
  const t = useT();
  if (list.length === 0) return null;
  return (
    <ul className="flex flex-col gap-2">
      {list.map((one) => (
        <li key={one.id} className="flex items-center gap-2 rounded-md border border-line px-3 py-2">
          <div className="flex min-w-0 flex-1 flex-col gap-1">
            <span className="flex gap-2 text-sm">
              <span className="min-w-0 flex-1 truncate">{one.file.name}</span>
              <span className="text-faint">{formatBytes(one.file.size)}</span>
            </span>
            {one.error === null ? (
              <Progress value={one.progress} label={t("settings.sending", { name: one.file.name })} />
            ) : (
              <span role="alert" className="text-sm text-danger">{one.error}</span>
            )}
          </div>
          {one.error !== null && <IconButton icon={RotateCw} label={t("common.retry")} onClick={() => onRetry(one)} />}
          <IconButton icon={X} label={t("settings.sending_stop", { name: one.file.name })} tooltip={false} onClick={() => onDrop(one.id)} />
        </li>
      ))}
    </ul>
  );
}
