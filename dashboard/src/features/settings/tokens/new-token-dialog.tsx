import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { CopyBlock, CopyField } from "@/features/settings/parts/copy-field";
import { useT } from "@/lib/i18n";

/** Locked: a click beside it must not lose what is shown only once. */
export function NewTokenDialog({ token, onClose }: { token: string; onClose: () => void }) {
  const t = useT();
  const example = `curl -H "Authorization: Bearer ${token}" \\\n  "${location.origin}/api/v1/conversations?limit=5"`;
  return (
    <Dialog
      open
      locked
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.token_made_title")}
      description={t("settings.token_made_text")}
      footer={<Button variant="primary" onClick={onClose}>{t("settings.token_stored")}</Button>}
    >
      <div className="flex flex-col gap-3">
        <CopyField label={t("settings.token")} value={token} />
        <CopyBlock label={t("settings.token_example")} value={example} />
      </div>
    </Dialog>
  );
}
