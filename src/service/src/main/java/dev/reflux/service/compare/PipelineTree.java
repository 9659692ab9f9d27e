package dev.reflux.service.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.reflux.jobs.pipeline.Pipeline;
import dev.reflux.jobs.pipeline.PipelineReader;
import dev.reflux.jobs.pipeline.PipelineWriter;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An effective pipeline file as a tree, to be taken apart and put together. Whatever options there are: what is not named
 * here belongs to the job and must be equal for two variants to share one.
 */
final class PipelineTree {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            // 'off' is a word of ours
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();

    private static final String STUDENTS = "students";
    private static final String DISTILLATION = "distillation";
    private static final String LOSSES = "losses";
    private static final String SCHEME = "scheme";
    private static final String NAME = "name";
    private static final String SEED = "seed";
    private static final String CANDIDATES = "candidates";
    private static final String CONTROL = "control";
    private static final String FEEDBACK = "feedback";
    private static final String POLICY = "policy";
    private static final String NO_FEEDBACK = "none";
    private static final String ONLINE = "online";
    private static final String OFFLINE = "offline";
    private static final String ADVERSARIAL = "adversarial";
    private static final String EPSILON = "epsilon";
    private static final String WEIGHT = "weight";
    private static final String HARD_FOR = "hardFor";

    /** What a student without a teacher does not depend on. */
    private static final Set<String> OF_THE_TEACHER =
            Set.of("teacher", DISTILLATION, FEEDBACK, "drift", "checkpoints", "flink");

    private final ObjectNode root;

    private PipelineTree(ObjectNode root) {
        this.root = root;
    }

    /** The pipeline's tree; its students have the seeds that they would have in this pipeline. */
    static PipelineTree of(Pipeline pipeline) {
        try {
            PipelineTree tree = new PipelineTree((ObjectNode) YAML.readTree(PipelineWriter.complete(pipeline)));
            long place = 1;
            for (ObjectNode student : tree.students()) {
                // the controls are students of their own here
                student.put(CONTROL, false);
                if (!student.has(SEED)) {
                    student.put(SEED, pipeline.seed() + place);
                }
                place++;
            }
            return tree;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an effective pipeline file cannot be read", e);
        }
    }

    /** The same with the broker, the topics and the name of another pipeline. */
    PipelineTree in(PipelineTree surroundings) {
        ObjectNode copy = root.deepCopy();
        for (String section : List.of("pipeline", "kafka", "topics")) {
            copy.set(section, surroundings.root.get(section).deepCopy());
        }
        return new PipelineTree(copy);
    }

    Pipeline pipeline() {
        try {
            return PipelineReader.read(YAML.writeValueAsString(root));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a pipeline file cannot be written", e);
        }
    }

    /** The students, as parts of this tree. */
    List<ObjectNode> students() {
        List<ObjectNode> students = new ArrayList<>();
        root.get(STUDENTS).forEach(student -> students.add((ObjectNode) student));
        return students;
    }

    static String name(ObjectNode student) {
        return student.get(NAME).asText();
    }

    /** The same job with other students, under other names. */
    PipelineTree with(List<ObjectNode> students, List<String> names) {
        ObjectNode copy = root.deepCopy();
        ArrayNode list = copy.putArray(STUDENTS);
        for (int i = 0; i < names.size(); i++) {
            list.add(students.get(i).deepCopy().put(NAME, names.get(i)));
        }
        return new PipelineTree(copy);
    }

    /** All but the students. Two variants with the same job can be learned side by side under one teacher. */
    ObjectNode job() {
        ObjectNode copy = root.deepCopy();
        copy.remove(STUDENTS);
        // each student of an effective file has a whole distillation of its own; the teacher's is the scheme
        copy.putObject(DISTILLATION).set(SCHEME, scheme());
        ArrayNode moves = copy.putArray("teacherMoves");
        teacherMoves().forEach(moves::add);
        return copy;
    }

    private JsonNode scheme() {
        return root.at("/" + DISTILLATION + "/" + SCHEME);
    }

    /** How the teacher moves events to be hard: it moves them in one way for all students of a job. */
    private Set<JsonNode> teacherMoves() {
        Set<JsonNode> moves = new LinkedHashSet<>();
        for (ObjectNode student : students()) {
            JsonNode adversarial = student.at("/" + DISTILLATION + "/" + ADVERSARIAL);
            if (adversarial.path(EPSILON).asDouble() > 0
                    && adversarial.path(WEIGHT).asDouble() > 0
                    && adversarial.path(HARD_FOR).asText().equals("teacher")) {
                moves.add(adversarial);
            }
        }
        return moves;
    }

    /** Whether its teacher hears nothing of its students, not even their drift, so that they know nothing of each other. */
    boolean hasIndependentStudents() {
        JsonNode reaction = root.at("/drift/reaction");
        return root.at("/" + FEEDBACK + "/" + POLICY).asText().equals(NO_FEEDBACK)
                && reaction.path("learningRate").asDouble(1) == 1
                && reaction.path("keepReplay").asDouble(1) == 1
                && reaction.path("alternative").asText("none").equals("none");
    }

    /** Whether a student that learns from labels alone can be one of its students. */
    boolean hasRoomForAControl() {
        return hasIndependentStudents()
                && Set.of(ONLINE, OFFLINE).contains(scheme().asText())
                && teacherMoves().isEmpty();
    }

    /** A job in which a control of this one's students can learn. */
    PipelineTree forControls() {
        ObjectNode copy = root.deepCopy();
        ((ObjectNode) copy.get(FEEDBACK)).put(POLICY, NO_FEEDBACK);
        ((ObjectNode) copy.get(DISTILLATION)).put(SCHEME, scheme().asText().equals(OFFLINE) ? OFFLINE : ONLINE);
        copy.putArray(STUDENTS);
        return new PipelineTree(copy);
    }

    /**
     * One of the students alone: the same network, optimizer, seed and batches, taught by the labels only. Where the
     * student's accuracy on moved events is measured, its is too.
     */
    ObjectNode control(ObjectNode student) {
        ObjectNode alone = student.deepCopy();
        ObjectNode distillation = (ObjectNode) alone.get(DISTILLATION);
        distillation.set(SCHEME, scheme());
        distillation.putObject(LOSSES).put("label", 1);
        alone.putArray(CANDIDATES).add("distilled");
        if (distillation.get(ADVERSARIAL) instanceof ObjectNode adversarial) {
            adversarial.put(WEIGHT, 0).put(HARD_FOR, "student");
        }
        return alone;
    }

    /** All that a student's control depends on: students for which it is equal have the same control. */
    JsonNode controlKey(ObjectNode student) {
        ObjectNode key = root.deepCopy();
        key.remove(OF_THE_TEACHER);
        ObjectNode alone = control(student);
        JsonNode adversarial = alone.get(DISTILLATION).path(ADVERSARIAL);
        alone.remove(List.of(NAME, DISTILLATION));
        if (adversarial.path(EPSILON).asDouble() > 0) {
            alone.set(ADVERSARIAL, adversarial);
        }
        key.set(STUDENTS, alone);
        return key;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PipelineTree tree && tree.root.equals(root);
    }

    @Override
    public int hashCode() {
        return root.hashCode();
    }
}
