package reply

// remarkLists are the words of remarks, by what they are. A word may be in several lists; what is in none is unknown. Words
// of conditions, limits, time to come, doubt and asking belong in no list.
var remarkLists = map[string]string{
	"det": `the this that these those a an all both your their his her its our my all_the all_this both_the all_of_the
		all_your all_their`,
	"verb": "is are looks look reads",
	"adv": `obviously evidently amply extremely incredibly exceptionally remarkably refreshingly admirably clinically nicely
		abundantly very really so quite_clearly clearly all absolutely perfectly entirely fully completely certainly
		definitely more_than also both and well nice_and plainly totally particularly most`,
	"good": `well_described well_set_out well_founded beyond_question in_scope quite_right spotless acceptable_to_me super
		fab fabulous marvellous wonderful amazing happy_days lovely_stuff good_stuff ticked_off uncontentious inarguable
		unequivocal watertight faultless concise informative succinct exemplary first_class cogent irrefutable
		indisputable undeniable overwhelming well_put_together well_presented in_date on_headed_paper on_letterhead
		on_file here eligible compliant extensive specific explicit unmistakable professional plain satisfactory_to_me
		beyond_doubt what_it_should_be as_it_should_be exactly_what_is_needed just_right fair balanced honest
		above_board legitimate very_well_written evident obvious tidy neat well_laid_out all_there medically_sound
		proper what_we_want countersigned current_and_signed good clear fine strong convincing genuine valid complete
		helpful excellent great ok okay sufficient adequate appropriate reasonable proportionate acceptable satisfactory
		correct authentic relevant detailed thorough robust compelling solid persuasive legible readable recent current
		up_to_date in_order in_good_order in_place consistent conclusive comprehensive well_written well_evidenced
		well_documented well_argued well_explained well_supported evidenced documented justified signed dated
		signed_and_dated attached there present enough credible self_explanatory straightforward sound perfect lovely
		brilliant to_the_point unambiguous official verified as_expected as_described accurate properly_signed
		properly_dated stamped impressive sensible understandable useful spot_on right exactly_right more_than_enough
		good_enough_for_me satisfying`,
	"praise": `super fab fabulous marvellous wonderful amazing unequivocal watertight informative exemplary first_class cogent
		overwhelming well_put_together very_good_and_clear superb impeccable sensible plenty_of lots_of good great clear
		strong excellent convincing solid thorough detailed helpful fantastic robust compelling very_good very_clear
		very_strong very_detailed very_helpful very_thorough very_convincing really_good really_clear really_helpful
		well_written sufficient adequate comprehensive lovely perfect brilliant valid genuine credible ample
		more_than_enough persuasive conclusive impressive first_rate nice`,
	"case": "case request application one story decision justification call submission",
	"easy": `model perfect excellent great ideal well_made exemplary well_put_together textbook nice good_clear classic
		open_and_shut cut_and_dried clear_cut no_brainer uncomplicated routine standard worthwhile tidy credible
		justifiable straightforward clear strong simple obvious genuine deserving worthy easy compelling good solid
		sensible reasonable fair legitimate valid sound justified convincing proper well_documented well_evidenced
		understandable well_presented well_prepared uncontroversial`,
	"noun": `letterhead original originals phone_call call address addresses reason_given reasons_given reasons_stated
		reason_stated impact barrier barriers difficulty difficulties disability hardship vulnerability adjustment
		accommodation id identity name number role job post contract headed_paper badge wording content contents bundle
		pack correspondence record records narrative facts case_notes account_of_events medical_notes certification
		reference references page pages proof_of_identity post_title job_title registration findings conclusion
		recommendation recommendations opinion advice ask letter letters evidence report reports document documents
		documentation certificate certificates paperwork attachment attachments pdf scan scans form case request reason
		reasons reasoning justification explanation details detail information info statement statements support
		application file files note notes need risk risks diagnosis condition assessment submission proof everything it
		this that all summary email confirmation circumstances rationale material signature stamp argument background
		story need_for_this picture photo photos copy copies`,
	"kind": `accessibility need real telephone second_reviewer's family occ ot ods gmc nmc gphc gdc cqc professional written
		second_page follow-up occupational_therapy adjustments access-to-work access_to_work clear_and_signed original
		medical_exemption nhs hmp school council eye trust official headed comprehensive thorough recent_gp accompanying
		whole entire complete gp gp's doctor's consultant's hospital hospital's medical clinical site's manager's
		employer's hr clinic's surgery's specialist's optician's supporting attached signed extra additional detailed
		occupational health oh risk consultant specialist doctor employer disability security personal site enclosed
		same clear recent new full patient manager practice prison governor's governor head's registration cvi cover
		covering user's`,
	"who": `switchboard website meeting team_meeting governance_team on-call_team clinicians reviewers doctors managers
		staff_member registrant surgeons consultant_ophthalmologist healthcare specialist_nurse senior_nurse ward_sister
		sister ward_manager psychologist cardiologist rheumatologist dermatologist oncologist audiologist ot physio
		social_worker governance supplier owner_manager duty_manager area_manager general_manager clinical_lead
		lead_nurse head_of_security head_of_healthcare head_of_unit chief_pharmacist responsible_pharmacist
		superintendent_pharmacist principal_dentist principal practice_owner reception union representative occ_health
		medical_director service_desk people_team information_governance caldicott_guardian guardian dpo group
		consultant gp doctor nurse manager pharmacist site pharmacy surgery practice hospital clinic ward hr
		occupational_health employer school matron lead colleague team optician dentist line_manager practice_manager
		care_home home helpdesk specialist surgeon psychiatrist neurologist ophthalmologist prison unit governor
		superintendent registrar secretary receptionist office security security_team council trust owner colleagues
		head hospital's staff registered_manager site_manager deputy_manager service_manager department oh_team oh
		eye_clinic eye_hospital service director rnib moorfields nhs hmp line_manager's site_contact contact dispenser
		partner therapist physiotherapist`,
	"checked": `cross_referenced double-checked validated_it authenticated scrutinised vetted triangulated went_over gone_over
		satisfied_myself_about tested checked verified confirmed validated reviewed seen examined assessed discussed
		corroborated double_checked cross_checked looked_at looked_through looked_over gone_through been_through
		went_through been_over read_through considered compared matched noted received opened sighted studied inspected`,
	"told": "read saw rang called phoned telephoned spoke spoken talked rung",
	"when": "today yesterday this_morning this_afternoon earlier_today earlier just_now last_week last_night on_the_day",
	"day":  "monday tuesday wednesday thursday friday saturday sunday",
	"by": `by_phone by_telephone by_email by_letter by_video by_video_call by_teams over_the_phone over_the_telephone
		on_the_phone on_the_telephone over_teams on_teams via_teams via_the_switchboard in_person by_ringing_them`,
	"things": `esr gmc gphc nmc gdc cqc hr_system system spine rota hr_record hr_records staff_list staff_records criterion
		policies protocol guidelines framework test definition bar checklist list_of_reasons national_guidance
		national_policy policy_wording evidence_requirements evidence_rules policy criteria requirements requirement
		rules threshold guidance standard register records record list standards rule directory`,
	"worry": `red_flags red_flag hesitation qualms gaps discrepancies inconsistencies worry doubt reservation query misgivings
		alarm_bells remarks concerns concern issues issue problems problem objections objection questions worries
		comments reservations doubts queries complaints`,
	"month": `january february march april may june july august september october november december jan feb mar apr jun jul
		aug sep sept oct nov dec`,
	"sending": `putting_together getting_this_together getting_all_this_together getting_together pulling_together digging_out
		finding turning_around doing raising flagging bringing following_up being_so_thorough answering responding
		replying asking coming_back_to_us coming_back sending forwarding chasing getting providing sharing submitting
		passing gathering attaching explaining adding arranging obtaining supplying sorting clarifying preparing
		collecting checking compiling resending letting_me_see uploading including`,
	"state": `wheelchair_user in_a_wheelchair losing_her_sight losing_his_sight losing_their_sight autistic epileptic
		housebound amputee without_sight unable_to_see blind deaf partially_sighted visually_impaired sight_impaired
		severely_sight_impaired hard_of_hearing disabled paralysed tetraplegic quadriplegic dyslexic partially_blind
		legally_blind colour_blind profoundly_deaf`,
	"disease": `macular_degeneration glaucoma stroke cataracts rheumatoid_arthritis carpal_tunnel learning_disability
		mobility_problems dexterity_problems low_vision poor_sight poor_eyesight neuropathy hand_injury
		motor_neurone_disease multiple_sclerosis cerebral_palsy tunnel_vision memory_loss hearing_aids disability
		disabilities tremor tremors arthritis dyslexia parkinson's dementia epilepsy ms dyspraxia autism blindness
		impairment sight_loss hearing_loss visual_impairment hearing_impairment condition`,
	"place": `locked_ward open_prison closed_ward secure_children's_unit cell_block secure_wing wing psychiatric_unit
		mental_health_unit forensic_unit courtroom court custody restricted_area phone_free_area phone_free_zone yoi
		immigration_removal_centre children's_home secure_children's_home healthcare_wing high_security_unit prison
		secure_unit secure_ward secure_hospital secure_site secure_location secure_environment hmp custody_suite ward
		unit`,
	"device": `phone smartphone mobile app mobile_phone authenticator device authenticator_app touchscreen touch_screen
		smart_phone`,
	"pron":  "he she they",
	"hello": "hiya good_day hi hello hey dear good_morning good_afternoon good_evening morning afternoon evening greetings",
	"all":   "team all both everyone there folks colleague colleagues helpdesk desk everybody again",

	// Welsh.
	"da": `gref gadarn cadarn gryno lawn llawn deg teg syml hawdd ddealladwy resymol daclus taclus argyhoeddiadol_iawn
		ddigon_da ddigon digon broffesiynol swyddogol amserol ddigonol_iawn gall dda da glir clir ddigonol digonol gryf
		cryf iawn ddilys dilys gyflawn cyflawn ardderchog wych gwych fanwl manwl argyhoeddiadol rhesymol ddefnyddiol
		defnyddiol gywir cywir eglur foddhaol boddhaol briodol priodol dderbyniol derbyniol glir_iawn dda_iawn gryf_iawn
		da_iawn clir_iawn cryf_iawn mewn_trefn ddiweddar diweddar drylwyr trylwyr amlwg ddiddadl berffaith perffaith
		eglur_iawn fanwl_iawn ddefnyddiol_iawn galonogol`,
	"peth": `dystysgrif_feddygol achos_clinigol risg atodiad atodiadau papurau bapurau cyfiawnhad gyfiawnhad datganiad
		ddatganiad nodiadau llythyr lythyr dystiolaeth tystiolaeth dogfen ddogfen dogfennau ddogfennau adroddiad cais
		gais rheswm reswm rhesymau ffurflen ffurflenni popeth cyfan hyn hwn hon dystysgrif tystysgrif gwybodaeth
		wybodaeth manylion fanylion eglurhad esboniad achos rhain cefndir e-bost ebost neges cadarnhad gadarnhad`,
	"gwirio": `ymchwilio gwneud_y_gwiriadau cael_gair ystyried gwirio darllen gweld siarad trafod cadarnhau ffonio adolygu
		gwirio_popeth edrych_ar edrych_dros derbyn asesu cysylltu`,
	"pwy": `adran_adnoddau_dynol adnoddau_dynol iechyd_galwedigaethol bennaeth pennaeth perchennog llawfeddyg
		fferyllydd_y_safle desg derbynnydd prif_fferyllydd safle ymgynghorydd meddyg rheolwr fferyllfa fferyllydd
		meddygfa ysbyty cartref nyrs clinig practis cyflogwr swyddfa tîm carchar uned deintydd optegydd cydweithiwr
		arbenigwr adran hr gp rheolwr_llinell rheolwr_y_practis rheolwr_y_safle cartref_gofal meddyg_teulu`,
	"pryder": `amheuaeth cwestiwn gwrthwynebiadau pryderon_pellach rhwystr pryderon pryder problem problemau broblem broblemau
		gwrthwynebiad wrthwynebiad cwestiynau gwestiynau sylwadau amheuon bryderon`,
}
