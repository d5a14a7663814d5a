import { Ellipsis, Link2, UserMinus } from "lucide-react";
import type { Person, Role } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { Row } from "@/features/settings/parts/card";
import { ROLES } from "@/features/settings/people/roles";
import { formatDate, useT } from "@/lib/i18n";
import { useCan, useMe } from "@/lib/me";

export interface PersonRowProps {
  person: Person;
  onRole: (role: Role) => void;
  onLink: () => void;
  onRemove: () => void;
}

export function PersonRow({ person, onRole, onLink, onRemove }: PersonRowProps) {
  const t = useT();
  const me = useMe();
  const isAdmin = useCan("admin");
  const isOwner = useCan("owner");
  const self = person.person_id === me.person_id;
  const name = person.name || person.email;
  // What concerns an owner is for owners; one's own role is changed by somebody else.
  const may = isAdmin && !self && (isOwner || person.role !== "owner");
  const roles = ROLES.filter((role) => isOwner || role !== "owner");
  return (
    <Row>
      <Avatar name={name} id={person.person_id} />
      <div className="min-w-0 flex-1 basis-44">
        <div className="flex flex-wrap items-center gap-x-2 font-medium">
          <span className="truncate">{name}</span>
          {self && <Badge>{t("common.you")}</Badge>}
          {person.state === "invited" && <Badge tone="warning">{t("settings.person_invited")}</Badge>}
        </div>
        <div className="truncate text-sm text-muted">
          <bdi>{person.email}</bdi> · {t("settings.person_since", { date: formatDate(person.created_at) })}
        </div>
      </div>
      {may ? (
        <span className="ms-auto flex items-center gap-1">
          <Select aria-label={t("settings.person_role_of", { name })} value={person.role} onChange={onRole} className="w-28! shrink-0"
            options={roles.map((role) => ({ value: role, label: t(`common.role_${role}`) }))} />
          <DropdownMenu
            trigger={<IconButton icon={Ellipsis} label={t("settings.more_of", { name })} tooltip={false} />}
            items={[
              { label: t(person.state === "invited" ? "settings.person_new_link" : "settings.person_reset_link"), icon: Link2, onSelect: onLink },
              { kind: "separator" },
              { label: t("settings.person_remove"), icon: UserMinus, danger: true, onSelect: onRemove },
            ]}
          />
        </span>
      ) : (
        <span className="text-sm text-muted" title={isAdmin ? t(self ? "settings.person_own_role" : "settings.person_owner_role") : undefined}>
          {t(`common.role_${person.role}`)}
          {isAdmin && <span className="sr-only"> ({t(self ? "settings.person_own_role" : "settings.person_owner_role")})</span>}
        </span>
      )}
    </Row>
  );
}
