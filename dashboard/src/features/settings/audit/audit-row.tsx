import { Cog } from "lucide-react";
import { Avatar } from "@/components/ui/avatar";
import { detailText, type Entry } from "@/features/settings/audit/audit";
import { Row } from "@/features/settings/parts/card";
import { formatDateTime, formatRelative, useT, type TextKey, type Translate } from "@/lib/i18n";

const THINGS: Record<string, TextKey> = {
  person: "settings.thing_person", token: "settings.thing_token", domain: "settings.thing_domain", metadata: "settings.thing_metadata",
  channel: "settings.thing_channel", assistant: "settings.thing_assistant", document: "settings.thing_document", label: "settings.thing_label",
  team: "settings.thing_team", view: "settings.thing_view", canned_reply: "settings.thing_canned_reply", contact: "settings.thing_contact",
  session: "settings.thing_session", sign_in: "settings.thing_sign_in", conversation: "settings.thing_conversation", message: "settings.thing_message",
};
const DEEDS: Record<string, TextKey> = {
  create: "settings.deed_create", add: "settings.deed_add", change: "settings.deed_change", update: "settings.deed_change", save: "settings.deed_change",
  delete: "settings.deed_delete", remove: "settings.deed_remove", role: "settings.deed_role", name: "settings.deed_name", password: "settings.deed_password",
  invitation: "settings.deed_invitation", issue: "settings.deed_create", revoke: "settings.deed_revoke", end: "settings.deed_end",
  end_all: "settings.deed_end_all", link: "settings.deed_link", merge: "settings.deed_merge", unmerge: "settings.deed_unmerge",
  block: "settings.deed_block", unblock: "settings.deed_unblock",
};

/** "Label: created"; what is not known is shown as it stands. */
export function actionText(action: string, t: Translate): string {
  const [thing = "", deed = ""] = action.split(".");
  if (action === "sign_in") return t("settings.deed_signed_in");
  const [known, done] = [THINGS[thing], DEEDS[deed]];
  return known && done ? t("settings.action", { thing: t(known), deed: t(done) }) : action;
}

export function AuditRow({ entry }: { entry: Entry }) {
  const t = useT();
  const name = entry.person ? entry.person.name || entry.person.email : t("settings.audit_system");
  const detail = detailText(entry.detail);
  return (
    <Row className="min-h-12!">
      {entry.person ? (
        <Avatar name={name} id={entry.person.person_id} size="sm" />
      ) : (
        <span className="inline-flex size-6 items-center justify-center rounded-full bg-sunken text-muted">
          <Cog aria-hidden className="size-3.5" />
        </span>
      )}
      <div className="min-w-0 flex-1 basis-36">
        <div>
          <span className="font-medium">{name}</span> <span className="text-muted">{actionText(entry.action, t)}</span>
        </div>
        <div className="text-sm break-words text-muted">
          <bdi>{entry.target}</bdi>
          {entry.target && detail && " · "}
          {detail}
        </div>
      </div>
      <time dateTime={entry.at} title={formatDateTime(entry.at)} className="text-sm text-muted">
        {formatRelative(entry.at)}
      </time>
    </Row>
  );
}
