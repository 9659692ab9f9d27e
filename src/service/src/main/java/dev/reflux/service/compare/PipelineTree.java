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
    private static final String FEEDBACK = "feedback";
    private static final String POLICY = "policy";
    private static final String NO_FEEDBACK = "none";
    private static final String ONLINE = "online";

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
        // each student of an effective file has losses of its own
        ((ObjectNode) copy.get(DISTILLATION)).remove(LOSSES);
        return copy;
    }

    /** Whether its teacher hears nothing of its students, so that they know nothing of each other. */
    boolean hasIndependentStudents() {
        return root.at("/" + FEEDBACK + "/" + POLICY).asText().equals(NO_FEEDBACK);
    }

    /** Whether a student that learns from labels alone can be one of its students. */
    boolean hasRoomForAControl() {
        return hasIndependentStudents()
                && Set.of(ONLINE, "offline")
                        .contains(root.at("/" + DISTILLATION + "/" + SCHEME).asText());
    }

    /** A job in which a control of this one's students can learn. */
    PipelineTree forControls() {
        ObjectNode copy = root.deepCopy();
        ((ObjectNode) copy.get(FEEDBACK)).put(POLICY, NO_FEEDBACK);
        ((ObjectNode) copy.get(DISTILLATION)).put(SCHEME, ONLINE);
        return new PipelineTree(copy);
    }

    /** One of the students alone: the same network, optimizer, seed and batches, taught by the labels only. */
    ObjectNode control(ObjectNode student) {
        ObjectNode alone = student.deepCopy();
        ObjectNode distillation = (ObjectNode) alone.get(DISTILLATION);
        distillation.set(SCHEME, root.at("/" + DISTILLATION + "/" + SCHEME).deepCopy());
        distillation.putObject(LOSSES).put("label", 1);
        return alone;
    }

    /** All that a student's control depends on: students for which it is equal have the same control. */
    JsonNode controlKey(ObjectNode student) {
        ObjectNode key = root.deepCopy();
        key.remove(OF_THE_TEACHER);
        ObjectNode alone = student.deepCopy();
        alone.remove(List.of(NAME, DISTILLATION));
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
