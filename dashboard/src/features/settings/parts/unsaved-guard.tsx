import { useBlocker } from "@tanstack/react-router";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { useT } from "@/lib/i18n";

/** Asks before a page with something unsaved is left, also by closing the window. */
export function UnsavedGuard({ dirty }: { dirty: boolean }) {
  const t = useT();
  const blocker = useBlocker({
    shouldBlockFn: () => dirty,
    enableBeforeUnload: () => dirty,
    withResolver: true,
    disabled: !dirty,
  });
  return (
    <AlertDialog
      open={blocker.status === "blocked"}
      onOpenChange={(open) => !open && blocker.reset?.()}
      title={t("settings.unsaved_title")}
      description={t("settings.unsaved_text")}
      action={t("settings.unsaved_leave")}
      danger
      onAction={() => blocker.proceed?.()}
    />
  );
}
