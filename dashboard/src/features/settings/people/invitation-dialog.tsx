import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { CopyField } from "@/features/settings/parts/copy-field";
import { formatDateTime, useT } from "@/lib/i18n";

export interface Invitation {
  email: string;
  invitation_url: string;
  expires_at: string;
}

/** The link to send: Frontdesk sends no e-mail itself. */
export function InvitationDialog({ invitation, onClose }: { invitation: Invitation; onClose: () => void }) {
  const t = useT();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.invitation_link_title")}
      description={t("settings.invitation_link_text", { email: invitation.email })}
      footer={<Button variant="primary" onClick={onClose}>{t("common.done")}</Button>}
    >
      <CopyField
        label={t("settings.invitation_link")}
        value={invitation.invitation_url}
        description={t("settings.invitation_expires", { at: formatDateTime(invitation.expires_at) })}
      />
    </Dialog>
  );
}
