"""The documents the rules lean on: S were read for this protocol, K are recalled and must be checked first."""

# ruff: noqa: E501 - one line each, so that a table stays a table

from .shape import Source


def _recalled(code: str, title: str) -> Source:
    return Source(code, title, "", checked_on=None)


# fmt: off
ALL_REFERENCES = (
    Source("POLICY", "Clinic policy: a safe default where the sources are silent; a named clinician must sign it", ""),
    Source("S01", "Question-and-answer page on vitamin B12 injections, itself pending human review", "https://www.droracle.ai/articles/648268/what-is-the-recommended-dose-and-administration-protocol-for"),
    Source("S02", "Same publisher: under 25 platelets with neurological involvement, treatment comes first", "https://www.droracle.ai/articles/500541/what-is-the-treatment-for-vitamin-b12-deficiency"),
    Source("S03", "Same publisher: under 25 platelets consider deep subcutaneous; avoid intravenous", "https://www.droracle.ai/articles/390674/what-is-the-recommended-mode-of-administration-for-vitamin"),
    Source("S04", "Same publisher: up to half of patients need injections more often; do not titrate on levels", "https://www.droracle.ai/articles/691578/what-is-the-recommended-methylcobalamin-vitamin-b12-injection-regimen"),
    Source("S05", "Same publisher: first check counted from maintenance; two normal checks in a row", "https://www.droracle.ai/articles/824326/after-starting-intramuscular-vitamin-b12-cyanocobalamin-therapy-with-four"),
    Source("S06", "Cobalin-H and hydroxocobalamin 1 mg, summaries of product characteristics", "https://www.medicines.org.uk/emc/medicine/24703"),
    Source("S07", "Neo-Cytamen, summary of product characteristics", "https://www.medicines.org.uk/emc/product/9746/smpc"),
    Source("S09", "Cobalin precautions: potassium, arrhythmia, folate, interactions", "https://rxreasoner.com/monographs/cobalin/precautions"),
    Source("S10", "United States label of hydroxocobalamin", "https://www.recallguide.org/drug/hydroxocobalamin/"),
    Source("S11", "United States label of cyanocobalamin", "https://fda.report/DailyMed/7e10c47d-1036-47c1-a0ed-6929636366c2"),
    Source("S12", "NICE NG239, vitamin B12 deficiency in over 16s, and its SPS summary", "https://www.nice.org.uk/guidance/ng239"),
    Source("S13", "BSH notice: the 2014 guideline is superseded by NG239", "https://b-s-h.org.uk/guidelines/guidelines/diagnosis-of-b12-and-folate-deficiency"),
    Source("S15", "American Family Physician 2017, recognition and management (abstract)", "https://pubmed.ncbi.nlm.nih.gov/28925645/"),
    Source("S17", "BMJ 2023, vitamin B12 deficiency", "https://www.bmj.com/content/383/bmj-2022-071725.short?rss=1/"),
    Source("S18", "Bristol remedy: no repeat level on long-term treatment", "https://remedy.bnssg.icb.nhs.uk/adults/haematology/vitamin-b12-interim-guidelines"),
    Source("S19", "Pernicious Anaemia Society, treatment facts sheet", "https://pernicious-anaemia-society.org/articles/facts-and-information-sheet-treatment-of-pa/"),
    Source("S20", "British National Formulary wording on hydroxocobalamin, as quoted by others", "https://pernicious-anaemia-society.org/treatment/"),
    Source("S21", "BOMSS 2020, nutrition after bariatric surgery", "https://reference.medscape.com/viewarticle/941118"),
    Source("S22", "Battat, systematic review of B12 deficiency in inflammatory bowel disease", "https://docksci.com/vitamin-b12-deficiency-in-inflammatory-bowel-disease-prevalence-risk-factors-eva_5ae7b682d64ab28f4e93cecc.html"),
    Source("S23", "Review news on B12 after bariatric surgery", "http://scio-apps.com/endocrinology/obesity/39445"),
    Source("S24", "DIVINe trial: B vitamins and diabetic kidney disease", "https://www.medwirenews.com/diabetes/vitamin-b-therapy-can-worsen-diabetic-nephropathy-symptoms/86722"),
    Source("S25", "SPS, vitamin B12 deficiency during pregnancy", "https://www.sps.nhs.uk/articles/vitamin-b12-deficiency-treatment-during-pregnancy/"),
    Source("S26", "MHRA December 2023, cobalt allergy and B12 medicines", "http://govwire.co.uk/news/medicines-healthcare-products-regulatory-agency/vitamin-b12-hydroxocobalamin-cyanocobalamin-advise-patients-with-known-cobalt-allergy-to-be-vigilant-for-sensitivity-reactions-73939"),
    Source("S27", "Hypersensitivity to cobalamins and cross-reaction", "https://pubmed.ncbi.nlm.nih.gov/37898177/"),
    Source("S28", "SPS and Immunize.org, intramuscular vaccines with bleeding disorders", "https://www.sps.nhs.uk/articles/using-covid-19-vaccines-in-patients-with-anticoagulation-and-bleeding-disorders/"),
    Source("S29", "SPS text on intramuscular injection and oral anticoagulants", "https://spsuat.devitup.co/?p=74928"),
    Source("S30", "Ohio State laboratory: falsely high B12 within two weeks of an injection", "https://theohiostatelabs.testcatalog.org/show/HEM28"),
    Source("S31", "Sampling before the injection, citing ESPEN", "https://www.droracle.ai/articles/274939/can-i-order-blood-vitamin-b12-levels-after-an"),
    Source("S32", "Laboratory handbooks: ranges and handling of B12 and homocysteine", "https://www.healthcare.uiowa.edu/path_handbook/handbook/test74.html"),
    Source("S33", "Unit conversion tables", "https://labtests.co.in/unit-converter/vitamin-b12-cobalamin-cyanocobalamin"),
    Source("S34", "NICE diagnostic bands of B12, as quoted by others", "https://ntro.it.com/what-is-the-optimal-b12-level-in-the-uk"),
    Source("S35", "Glasgow board and BSH on delayed injections in the pandemic", "http://ggcprescribing.org.uk/blog/vitamin-b12-replacement-primary-care-covid-19/"),
    Source("S36", "NHS, having your hydroxocobalamin injection", "https://nhs.uk/medicines/hydroxocobalamin/having-your-hydroxocobalamin-injection"),
    Source("S37", "A practice protocol: the giver enters the next date at once", "https://penroseportal.co.uk/pages/b12-initiation-prescribing"),
    Source("S38", "A practice that injects every 12 weeks", "https://www.southmeadsurgery.nhs.uk/patient-guide-to-self-administering-vitamin-b12-injections"),
    Source("S39", "Month arithmetic that clips to the last day of the month", "https://www.python.org/pipermail/tutor/2007-February/052475.html"),
    Source("S40", "Information Commissioner, email and security", "https://ico.org.uk/for-organisations/uk-gdpr-guidance-and-resources/security/email-and-security/"),
    Source("S41", "DCB0129 guidance and examples of hazard logs", "https://docplayer.net/20273261-Clinical-risk-management-its-application-in-the-manufacture-of-health-it-systems-implementation-guidance.html"),
    Source("S41b", "The 5 g cyanide antidote kit shares the name hydroxocobalamin", "https://api.fda.gov/drug/shortages.json?search=company_name%3A%22BTG+International+Inc.%22"),
    Source("S42", "Folic acid: product and formulary pages", "https://medicines.org.uk/emc/product/6676/smpc"),
    Source("S43", "Same publisher: longer affected ileum; neurological loading lasts weeks to months", "https://www.droracle.ai/articles/895497/what-is-the-recommended-intramuscular-dosing-regimen-of-cyanocobalamin"),
    Source("S44", "Same publisher: cyanocobalamin daily for ten days", "https://www.droracle.ai/articles/526289/what-is-the-treatment-for-a-megaloblastic-crisis"),
    Source("S46", "Intramuscular sites, volumes and needle lengths", "https://buyneedles.ca/blogs/medication-injection-administration/intramuscular-injection-sites"),
    Source("S47", "CKS text: urgent advice when nerves are involved", "https://pernicious-anaemia-society.org/articles/nice-cks-b12-deficiency/"),
    Source("S48", "SPS, oral cyanocobalamin 1 mg licensed also for malabsorption", "https://www.sps.nhs.uk/medicines/cyanocobalamin/"),
    _recalled("K01", "BSH 2014: look at alternate-day dosing again after three weeks"),
    _recalled("K02", "The sentence on 50 percent began in a 2019 review by Wolffenbuttel and others"),
    _recalled("K03", "NHS five by five risk matrix"),
    _recalled("K04", "Factors 7.397 and 2.266, checked by molar mass"),
    _recalled("K05", "Hard limits of plausible laboratory values"),
    _recalled("K06", "27G needles are mostly 13 to 19 mm long"),
    _recalled("K07", "Fifteen minutes of observation after a first dose"),
    _recalled("K08", "Hydroxocobalamin is prescription-only; nurses need a prescription or a direction"),
    _recalled("K09", "80 g/L as the border of severe anaemia for potassium is a policy number"),
    _recalled("K10", "Normal platelets are 150 to 400"),
    _recalled("K11", "The cyanide kit holds 5 g"),
)
# fmt: on

_BY_CODE = {source.code: source for source in ALL_REFERENCES}


def named(*codes: str) -> tuple[Source, ...]:
    """Return the documents of these codes; an unknown code raises KeyError."""
    return tuple(_BY_CODE[code] for code in codes)
