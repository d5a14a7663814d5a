import { useMutation } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useState } from "react";
import type { Team } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { Combobox } from "@/components/ui/combobox";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { useForm } from "@/features/settings/parts/use-form";
import { usePeople } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

/** `team`: the one to change; null to make one. */
export function TeamDialog({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const people = usePeople().data ?? [];
  const [saved] = useState({ name: team?.name ?? "", members: team?.members.map((each) => each.person_id) ?? [] });
  const { values, set, dirty } = useForm(saved);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: values.name.trim(), member_ids: values.members };
      return team ? api.patch(`/api/v1/teams/${team.team_id}`, body) : api.post("/api/v1/teams", body);
    },
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.teams });
      toast.success(t("settings.saved_name", { name: values.name.trim() }));
      onClose();
    },
  });
  const empty = values.name.trim() === "";
  const wrong = serverErrors(save.error, ["name", "member_ids"], "name");
  return (
    <FormDialog
      title={team ? t("settings.team_edit") : t("settings.team_new")}
      action={t(team ? "common.save" : "common.create")}
      dirty={dirty}
      pending={save.isPending}
      error={wrong.rest}
      size="sm"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!empty) save.mutate();
      }}
    >
      <Field label={t("common.name")} description={t("settings.team_name_hint")} required error={tried && empty ? t("settings.name_missing") : wrong.fields.name}>
        {(control) => <Input {...control} maxLength={60} value={values.name} onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      <Field label={t("settings.team_members")} error={wrong.fields.member_ids}>
        {(control) => (
          <Combobox
            id={control.id}
            multiple
            label={t("settings.team_members")}
            placeholder={t("settings.team_members_choose")}
            values={values.members}
            onChange={(members) => set({ members })}
            options={people.map((each) => ({ value: each.person_id, label: each.name || each.email, keywords: each.email }))}
          />
        )}
      </Field>
      <ul aria-label={t("settings.team_members")} className="flex flex-col">
        {values.members.map((id) => {
          const person = people.find((each) => each.person_id === id) ?? team?.members.find((each) => each.person_id === id);
          const name = person ? person.name || person.email : t("common.unknown");
          return (
            <li key={id} className="flex min-h-8 items-center gap-2">
              <Avatar name={name} id={id} size="sm" />
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <IconButton icon={X} size="sm" tooltip={false} label={t("settings.remove_of", { name })}
                onClick={() => set({ members: values.members.filter((each) => each !== id) })} />
            </li>
          );
        })}
      </ul>
    </FormDialog>
  );
}
