"""Who may do what: the one table of roles, and the backend through which Django's permissions read it."""

from django.contrib.auth.backends import BaseBackend

from patients.models import Membership, Role

RECEPTION, NURSE, PHYSICIAN, MANAGER, AUDITOR = Role

# fmt: off
#   permission                        who may, in a clinic where they work
MAY = {
    "patients.find_patient":          {RECEPTION, NURSE, PHYSICIAN, MANAGER, AUDITOR},  # names and dates
    "patients.register_patient":      {RECEPTION, NURSE, PHYSICIAN, MANAGER},           # and contact, consent
    "patients.see_clinical":          {NURSE, PHYSICIAN, AUDITOR},
    "patients.record_clinical":       {NURSE, PHYSICIAN},                               # facts, results, symptoms
    "regimens.book_appointment":      {RECEPTION, NURSE, PHYSICIAN, MANAGER},
    "regimens.keep_stock":            {NURSE, MANAGER},
    "regimens.propose_plan":          {NURSE, PHYSICIAN},
    "regimens.sign_plan":             {PHYSICIAN},
    "regimens.record_injection":      {NURSE, PHYSICIAN},
    "regimens.void_own_today":        {NURSE, PHYSICIAN},
    "regimens.void_any":              {PHYSICIAN},
    "regimens.record_not_given":      {NURSE, PHYSICIAN},
    "regimens.ask_physician":         {RECEPTION, NURSE, PHYSICIAN},                    # opens a request
    "regimens.record_death":          {NURSE, PHYSICIAN},
    "regimens.ask_to_stop":           {NURSE, PHYSICIAN},                               # the page that answers each reason
    "regimens.decide":                {PHYSICIAN},                                      # also authorise, review
    "regimens.change_course":         {PHYSICIAN},                                      # stop, pause, transfer, oral
    "monitoring.see_worklist":        {RECEPTION, NURSE, PHYSICIAN, MANAGER},
    "monitoring.phone_patients":       {RECEPTION, NURSE, PHYSICIAN, MANAGER},           # the list, and what came of it
    "monitoring.see_decisions":       {PHYSICIAN, NURSE, AUDITOR},
    "monitoring.see_dashboard":       {NURSE, PHYSICIAN, MANAGER, AUDITOR},
    "monitoring.export_lists":        {MANAGER, AUDITOR},                               # each is in the audit trail
    "monitoring.see_messages":        {NURSE, PHYSICIAN, MANAGER, AUDITOR},
    "monitoring.see_protocol":        {RECEPTION, NURSE, PHYSICIAN, MANAGER, AUDITOR},
    "regimens.propose_merge":         {NURSE, MANAGER},                                 # two records, one person
    "regimens.confirm_merge":         {PHYSICIAN},                                      # also takes them apart
    "patients.manage_clinic":         {MANAGER},                                        # days, slots, wording, staff
    "patients.see_audit":             {AUDITOR},
}
# fmt: on


class RoleBackend(BaseBackend):
    """Answers `user.has_perm(name, thing)` from the memberships: in the thing's clinic, or in any without a thing."""

    def has_perm(self, user_obj, perm, obj=None) -> bool:
        """Tell whether the person holds a role that may, where `obj` (a clinic, or what belongs to one) lives."""
        if not user_obj.is_active or not user_obj.is_authenticated:
            return False
        roles = roles_of(user_obj)
        if obj is None:
            return any(role in MAY.get(perm, ()) for role in roles.values())
        clinic_id = obj.pk if obj._meta.model_name == "clinic" else obj.clinic_id
        return roles.get(clinic_id) in MAY.get(perm, ())


def roles_of(user) -> dict[int, str]:
    """Give {clinic id: role} of a person's memberships that last; one query a request."""
    if not hasattr(user, "_roles_by_clinic"):
        standing = Membership.objects.filter(user=user, ended_on=None)
        user._roles_by_clinic = dict(standing.values_list("clinic_id", "role"))
    return user._roles_by_clinic
