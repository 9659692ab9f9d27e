package dev.reflux.jobs.publish;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflux.checkpoints.Acceptance;
import dev.reflux.checkpoints.Checkpoint;
import dev.reflux.checkpoints.CheckpointRecord;
import dev.reflux.checkpoints.ModelStore;
import dev.reflux.checkpoints.onnx.OnnxStudent;
import dev.reflux.checkpoints.onnx.RawBatch;
import dev.reflux.distillation.Feedback;
import dev.reflux.distillation.Lesson;
import dev.reflux.distillation.Student;
import dev.reflux.distillation.Teacher;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.jobs.JobSettings;
import dev.reflux.jobs.LearningPlan;
import dev.reflux.jobs.publish.StudentPublisher.Offer;
import dev.reflux.jobs.wire.OutgoingRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Teacher, student and gate on a stream whose labels mean nothing for a while. */
class NoisyLabelsTest {

    private static final int ROWS = 100;
    private static final int OFFER_EVERY = 10;
    private static final long NOISE_FROM = 40_350;
    private static final long NOISE_TO = 80_000;
    private static final long END = 120_000;
    private static final int UNSEEN = 4_000;

    private static final LearningPlan PLAN = LearningPlan.of(new JobSettings("""
            pipeline: disc
            events:
              label: { classes: [in, out] }
              features: [ { name: x, type: numeric }, { name: y, type: numeric } ]
            batch: { size: %d, maxDelay: off, step: event }
            teacher: { network: { type: mlp, hidden: [32, 32] }, optimizer: { type: sgd, learningRate: 0.05 } }
            students: [ { name: phone, network: { type: mlp, hidden: [32], activation: tanh } } ]
            checkpoints: { every: %d batches }
            """.formatted(ROWS, OFFER_EVERY), 1, 0));

    private record Decided(long eventsSeen, boolean published, List<String> codes, double accuracyOnUnseen) {
        boolean duringNoise() {
            return eventsSeen > NOISE_FROM && eventsSeen <= NOISE_TO;
        }
    }

    /**
     * The labels turn to coin tosses in the middle of a batch, shortly before an offer; the coin may be fair, or give one
     * class three times in four, which a student can learn and be right more often than the one published before.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.75})
    void labelsRandomForAWhile_nothingTrainedOnThemIsPublished_thenPublicationResumes(double share) throws Exception {
        List<Decided> all = run(share);

        double before = all.stream()
                .filter(one -> one.published() && one.eventsSeen() <= NOISE_FROM)
                .mapToDouble(Decided::accuracyOnUnseen)
                .max()
                .orElseThrow();
        assertThat(before).as("accuracy on unseen events before the noise").isGreaterThan(0.93);
        assertThat(all.stream().filter(Decided::duringNoise).filter(Decided::published))
                .as("published while the labels were random")
                .isEmpty();
        assertThat(all.stream().filter(Decided::duringNoise)).hasSize(40);
        List<Decided> after = all.stream()
                .filter(one -> one.published() && one.eventsSeen() > NOISE_TO)
                .toList();
        assertThat(after).as("published after the noise").hasSizeGreaterThan(5);
        assertThat(after.get(0).eventsSeen())
                .as("first one published after the noise")
                .isLessThan(NOISE_TO + 12_000);
        assertThat(all.stream().filter(Decided::published).filter(one -> one.eventsSeen() > 10_000))
                .allSatisfy(one -> assertThat(one.accuracyOnUnseen())
                        .as("accuracy on unseen events of the student published at %d", one.eventsSeen())
                        .isGreaterThan(before - 0.1));
        TreeSet<String> why = new TreeSet<>();
        all.stream().filter(Decided::duringNoise).forEach(one -> why.addAll(one.codes()));
        assertThat(why).contains("accuracy-fell");
        System.out.printf(
                "labels random with share %.2f: %d offers, %d published before, 0 of %d during, %d after, the first %,d"
                        + " events later; held for %s%n",
                share,
                all.size(),
                all.stream()
                        .filter(one -> one.published() && one.eventsSeen() <= NOISE_FROM)
                        .count(),
                all.stream().filter(Decided::duringNoise).count(),
                after.size(),
                after.get(0).eventsSeen() - NOISE_TO,
                why);
    }

    @Test
    void labelsNeverRandom_mostOffersArePublished() throws Exception {
        List<Decided> all = run(Double.NaN);

        assertThat(all.stream().filter(Decided::published).count())
                .as("published of %d", all.size())
                .isGreaterThan(all.size() / 2);
    }

    private static List<Decided> run(double share) throws Exception {
        SplittableRandom random = new SplittableRandom(11);
        RawBatch unseen = unseen();
        List<Decided> all = new ArrayList<>();
        try (Teacher teacher = PLAN.createTeacher();
                Student student = PLAN.createStudent("phone");
                StudentPublisher publisher = new StudentPublisher(PLAN)) {
            for (long first = 0; first < END; first += ROWS) {
                MicroBatch batch = batch(random, first, share);
                Lesson lesson = teacher.teach(batch.id(), PLAN.examples(batch));
                Feedback feedback = student.study(lesson, PLAN.examples(batch));
                teacher.learn(PLAN.examples(batch), List.of(feedback));
                var offer =
                        publisher.afterBatch(student, batch, feedback.logits(), 0, Instant.EPOCH.plusSeconds(first));
                if (offer.isPresent()) {
                    all.add(decided(offer.get(), unseen));
                }
            }
        }
        return all;
    }

    private static Decided decided(Offer offer, RawBatch unseen) throws IOException {
        JsonNode json = new ObjectMapper().readTree(offer.decision().value());
        List<String> codes = new ArrayList<>();
        json.get("reasons").forEach(reason -> codes.add(reason.get("code").textValue()));
        boolean published = json.get("decision").textValue().equals("PUBLISHED");
        assertThat(offer.checkpoint().isPresent()).isEqualTo(published);
        return new Decided(
                json.get("eventsSeen").asLong(),
                published,
                codes,
                published ? accuracy(offer.checkpoint().get(), unseen) : Double.NaN);
    }

    private static double accuracy(OutgoingRecord sent, RawBatch unseen) {
        Checkpoint checkpoint = CheckpointRecord.decode(
                sent.key(), sent.value(), sent.kafkaHeaders(), Acceptance.of(ModelStore.none()));
        try (OnnxStudent student = new OnnxStudent(checkpoint.model())) {
            float[] probabilities = student.score(unseen);
            int right = 0;
            for (int row = 0; row < unseen.rows(); row++) {
                boolean in = probabilities[2 * row] > 0.5;
                right += in == isIn(unseen.numerics()[2 * row], unseen.numerics()[2 * row + 1]) ? 1 : 0;
            }
            return (double) right / unseen.rows();
        }
    }

    private static RawBatch unseen() {
        SplittableRandom random = new SplittableRandom(99);
        float[] numerics = new float[2 * UNSEEN];
        for (int i = 0; i < numerics.length; i++) {
            numerics[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return new RawBatch(UNSEEN, numerics, List.of(), List.of(), List.of());
    }

    private static MicroBatch batch(SplittableRandom random, long first, double share) {
        MicroBatchBuilder builder = new MicroBatchBuilder(PLAN.batchLayout(), ROWS);
        for (long event = first; event < first + ROWS; event++) {
            float x = (float) (random.nextDouble() * 2 - 1);
            float y = (float) (random.nextDouble() * 2 - 1);
            double coin = random.nextDouble();
            boolean noise = event >= NOISE_FROM && event < NOISE_TO && !Double.isNaN(share);
            builder.beginRow();
            builder.setNumeric(0, x);
            builder.setNumeric(1, y);
            builder.setLabel(noise ? coin < share ? 0 : 1 : isIn(x, y) ? 0 : 1);
            builder.commitRow(0, event, event);
        }
        return builder.build(first / ROWS);
    }

    /** A disc that holds half of the square. */
    private static boolean isIn(float x, float y) {
        return x * x + y * y < 2 / Math.PI;
    }
}
