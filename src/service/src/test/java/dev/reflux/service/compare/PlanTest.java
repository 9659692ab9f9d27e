package dev.reflux.service.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.events.csv.CsvEvents;
import dev.reflux.jobs.pipeline.AdversarialSettings;
import dev.reflux.jobs.pipeline.LossSettings;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineSpecs;
import dev.reflux.jobs.pipeline.StudentSettings;
import dev.reflux.service.UsageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which variants run, and in which jobs their students learn. */
final class PlanTest {
    private static final String PIPELINE = """
            pipeline: small
            topics: { events: small.in }
            events:
              label: { path: /label, classes: ["no", "yes"] }
              features: [ { name: x, type: numeric } ]
            batch: { size: 64, maxDelay: off, step: event }
            students: [ { name: phone, network: { type: mlp, hidden: [8] } } ]
            feedback: { policy: mutual }
            """;

    @TempDir
    private static Path folder;

    private static final String KD = "distillation.losses={label: 0.5, kd: {weight: 0.5, temperature: 4}}";
    private static final String NO_FEEDBACK = "feedback.policy=none";

    @Test
    void shared_variantsOfTheStudentAlone_learnInOneJob() {
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("file", List.of()),
                new Variant("kd, T 4", List.of(KD, NO_FEEDBACK)),
                new Variant("plain", List.of(NO_FEEDBACK)),
                new Variant("other teacher", List.of(NO_FEEDBACK, "teacher.network.hidden=[16]")));

        assertThat(plan.jobs())
                .extracting(Plan.Job::variants)
                .containsExactly(List.of("alone", "kd, T 4", "plain"), List.of("file"), List.of("other teacher"));
        assertThat(students(plan.jobs().get(0).pipeline())).containsExactly("alone", "kd-t-4", "plain");
        assertThat(students(plan.jobs().get(1).pipeline())).containsExactly("file");
        assertThat(plan.rows())
                .extracting(Plan.Row::name)
                .containsExactly("alone", "file", "kd, T 4", "plain", "other teacher");
        assertThat(plan.rows()).extracting(Plan.Row::control).containsOnly(0);
        assertThat(plan.rows()).extracting(Plan.Row::student).containsOnly("phone");
    }

    @Test
    void shared_studentsWhoseDriftMovesTheirTeacher_learnApart() {
        String reaction = "drift.reaction.keepReplay=0";
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("kd", List.of(KD, NO_FEEDBACK, reaction)),
                new Variant("dist", List.of("distillation.losses={label: 0.5, dist: 0.5}", NO_FEEDBACK, reaction)));

        assertThat(plan.jobs()).hasSizeGreaterThan(1);
    }

    @Test
    void control_isTheStudentOnLabelsOnly() {
        Plan plan = plan(Sharing.SHARED, new Variant("kd", List.of(KD, NO_FEEDBACK)));

        Pipeline job = plan.jobs().get(0).pipeline();
        StudentSettings alone = job.students().get(0);
        StudentSettings kd = job.students().get(1);
        assertThat(alone.distillation().losses()).isEqualTo(Map.of("label", new LossSettings(1, Map.of())));
        assertThat(kd.distillation().losses().get("kd").options()).containsEntry("temperature", 4.0);
        assertThat(alone.network()).isEqualTo(kd.network());
        assertThat(alone.optimizer()).isEqualTo(kd.optimizer());
        assertThat(alone.seed()).isEqualTo(kd.seed()).isEqualTo(job.seed() + 1);
        assertThat(job.feedback().policy())
                .isEqualTo(read(List.of(NO_FEEDBACK)).feedback().policy());
        assertThat(job.topics().events()).isEqualTo("small.in");
    }

    @Test
    void control_ofAnotherStudent_isAnotherOne() {
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("file", List.of(NO_FEEDBACK)),
                new Variant("wide", List.of(NO_FEEDBACK, "students.phone.network.hidden=[32]")),
                new Variant("wide kd", List.of(NO_FEEDBACK, "students.phone.network.hidden=[32]", KD)),
                new Variant("steps of 8", List.of(NO_FEEDBACK, "batch.step=8")));

        assertThat(plan.rows().stream().filter(Plan.Row::isControl).map(Plan.Row::name))
                .containsExactly("alone", "alone (wide)", "alone (steps of 8)");
        assertThat(plan.rows().stream().filter(row -> !row.isControl()).map(Plan.Row::control))
                .containsExactly(0, 1, 1, 2);
        assertThat(plan.jobs())
                .extracting(Plan.Job::variants)
                .containsExactly(
                        List.of("alone", "alone (wide)", "file", "wide", "wide kd"),
                        List.of("alone (steps of 8)", "steps of 8"));
    }

    @Test
    void control_ofAStudentThatIsAttacked_isAttackedAndLearnsNothingFromIt() {
        String attack = "distillation.adversarial={epsilon: 0.2, hardFor: teacher}";
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("plain", List.of(NO_FEEDBACK)),
                new Variant("attacked", List.of(NO_FEEDBACK, attack)));

        assertThat(plan.jobs())
                .extracting(Plan.Job::variants)
                .containsExactly(List.of("alone", "alone (attacked)", "plain"), List.of("attacked"));
        assertThat(plan.rows()).extracting(Plan.Row::control).containsExactly(0, 1, 0, 1);
        AdversarialSettings control =
                plan.jobs().get(0).pipeline().students().get(1).distillation().adversarial();
        assertThat(control.epsilon()).isEqualTo(0.2);
        assertThat(control.weight()).isZero();
    }

    @Test
    void control_ofAStudentThatTeachesItself_learnsWhereThereIsATeacher() {
        Plan plan = plan(
                Sharing.SHARED,
                new Variant(
                        "self",
                        List.of(NO_FEEDBACK, "distillation.scheme=self", "students.phone.network.hidden=[16, 8]")));

        assertThat(plan.jobs()).extracting(Plan.Job::variants).containsExactly(List.of("alone"), List.of("self"));
        assertThat(plan.jobs().get(0).pipeline().hasTeacher()).isTrue();
        assertThat(plan.jobs().get(1).pipeline().hasTeacher()).isFalse();
    }

    @Test
    void separate_everyVariantAndControl_hasItsOwnJob() {
        Plan plan = plan(
                Sharing.SEPARATE,
                new Variant("kd", List.of(KD, NO_FEEDBACK)),
                new Variant("plain", List.of(NO_FEEDBACK)));

        assertThat(plan.jobs())
                .extracting(Plan.Job::variants)
                .containsExactly(List.of("alone"), List.of("kd"), List.of("plain"));
    }

    @Test
    void shared_severalStudents_areTakenEach() {
        String two = "students=[{name: phone}, {name: watch, network: {type: mlp, hidden: [4]}}]";
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("a", List.of(two, NO_FEEDBACK)),
                new Variant("b", List.of(two, NO_FEEDBACK, KD)));

        assertThat(plan.jobs()).hasSize(1);
        assertThat(students(plan.jobs().get(0).pipeline()))
                .containsExactly("alone-phone", "alone-watch", "a-phone", "a-watch", "b-phone", "b-watch");
        assertThat(plan.jobs().get(0).pipeline().students())
                .extracting(StudentSettings::seed)
                .containsExactly(43L, 44L, 43L, 44L, 43L, 44L);
        assertThat(plan.rows()).extracting(Plan.Row::control).containsExactly(0, 1, 0, 1, 0, 1);
    }

    @Test
    void shared_namesThatCannotBeAStudents_areMadeSo() {
        Plan plan = plan(
                Sharing.SHARED,
                new Variant("Größe: 1", List.of(NO_FEEDBACK)),
                new Variant("grösse 1", List.of(NO_FEEDBACK, KD)),
                new Variant("***", List.of(NO_FEEDBACK, "distillation.losses={kd: 1}")));

        assertThat(students(plan.jobs().get(0).pipeline())).containsExactly("alone", "gr-e-1", "gr-sse-1", "variant");
    }

    @Test
    void shared_manyVariants_areSpreadOverJobs() {
        Variant[] many = IntStream.range(0, 40)
                .mapToObj(i -> new Variant("t" + i, List.of(NO_FEEDBACK, "distillation.losses.kd=" + (i + 1))))
                .toArray(Variant[]::new);

        Plan plan = plan(Sharing.SHARED, many);

        assertThat(plan.jobs()).hasSize(3);
        assertThat(plan.jobs())
                .allSatisfy(job -> assertThat(job.pipeline().students()).hasSizeBetween(1, 16));
        assertThat(plan.rows()).hasSize(41);
    }

    @Test
    void named_aVariantThatCannotBeRead_isRefusedByItsName() {
        assertThatThrownBy(() -> plan(Sharing.SHARED, new Variant("odd", List.of("teacher.netwrk.hidden=[3]"))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("variant 'odd': --set teacher.netwrk.hidden: teacher.netwrk")
                .hasMessageContaining("did you mean network?");
    }

    @Test
    void builtIn_whatCannotRunOrSaysNothingNew_isSkippedWithItsReason() {
        Candidates found = Candidates.builtIn(BuiltInVariants.FILE, BuiltInVariants.of(read(List.of())), reading());

        assertThat(found.good())
                .extracting(candidate -> candidate.variant().name())
                .startsWith("file")
                .contains("kd", "feedback error-signal")
                .doesNotContain("label");
        assertThat(found.skipped())
                .contains(
                        new ComparisonReport.Skip("feedback mutual", "the same as file"),
                        new ComparisonReport.Skip("scheme online", "the same as file"))
                .anySatisfy(skip -> {
                    assertThat(skip.variant()).isEqualTo("scheme offline");
                    assertThat(skip.reason()).startsWith("distillation.scheme: offline found without teacher.load");
                });
    }

    private static Plan plan(Sharing sharing, Variant... variants) {
        return Plan.of(Candidates.named(List.of(variants), reading()).good(), sharing);
    }

    private static Candidates.Reading reading() {
        return new Candidates.Reading(PlanTest::read, PlanTest::events);
    }

    private static CsvEvents events(Pipeline pipeline) {
        try {
            return CsvEvents.open(
                    PipelineSpecs.eventSchema(pipeline),
                    Files.writeString(folder.resolve("small.csv"), "x,label\n1,yes\n"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Pipeline read(List<String> set) {
        return PipelineReader.read("small.yaml", PIPELINE, Map.of(), set);
    }

    private static List<String> students(Pipeline pipeline) {
        return pipeline.students().stream().map(StudentSettings::name).toList();
    }
}
