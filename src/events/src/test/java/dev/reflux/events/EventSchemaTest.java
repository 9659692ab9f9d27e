package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class EventSchemaTest {

    private static final Label LABEL = new Label("/label", List.of("DOWN", "UP"));

    @Test
    void layout_mixedFeatures_keepsTheirOrderWithinEachKind() {
        EventSchema schema = EventSchema.of(
                List.of(
                        TensorFeature.of("image", List.of(1, 2, 3)),
                        NumericFeature.of("a"),
                        CategoryFeature.ofCodes("day", 7),
                        TextFeature.of("text", 100),
                        CategoryFeature.ofValues("colour", List.of("red", "green")),
                        NumericFeature.of("b"),
                        TensorFeature.of("signal", List.of(5))),
                LABEL);
        assertThat(schema.layout())
                .isEqualTo(new BatchLayout(2, List.of(7, 2), List.of(100), List.of(List.of(1, 2, 3), List.of(5))));
        assertThat(schema.layout().tensorVolume()).isEqualTo(11);
        assertThat(schema.numerics()).extracting(NumericFeature::name).containsExactly("a", "b");
        assertThat(schema.categories()).extracting(CategoryFeature::name).containsExactly("day", "colour");
    }

    @Test
    void layout_withATeacher_hasAProbabilityPerClass() {
        List<Feature> features = List.of(NumericFeature.of("a"));
        assertThat(withTeacher(features, "/teacher", "t0..t1").layout())
                .isEqualTo(new BatchLayout(1, List.of(), List.of(), List.of(), 2));
        assertThat(EventSchema.of(features, LABEL).layout().teacherClasses()).isZero();
        rejects(() -> new BatchLayout(1, List.of(), List.of(), List.of(), -1), "teacher classes: -1 found");
    }

    private static EventSchema withTeacher(List<Feature> features, String path, String columns) {
        return new EventSchema(features, LABEL, new TeacherField(path, ColumnRange.parse(columns)), null, null);
    }

    @Test
    void schema_teacherThatBreaksRules_isNamed() {
        List<Feature> features = List.of(NumericFeature.of("a"));
        rejects(
                () -> withTeacher(features, "/teacher", "t0..t2"),
                "teacher: columns t0..t2 are 3, but there are 2 classes");
        rejects(() -> withTeacher(features, "teacher", "t0..t1"), "teacher: path 'teacher'");
        rejects(() -> withTeacher(features, "/a", "t0..t1"), "feature 'a' and the teacher both read '/a'");
        rejects(() -> withTeacher(features, "/label", "t0..t1"), "the teacher and the label both read '/label'");
        rejects(
                () -> withTeacher(
                        List.of(new NumericFeature("up", "/teacher/UP", Presence.REQUIRED)), "/teacher", "t0..t1"),
                "feature 'up' at '/teacher/UP' lies inside the teacher at '/teacher'");
    }

    @Test
    void of_nameWithSlash_isEscapedInItsDefaultPath() {
        assertThat(NumericFeature.of("km/h").path()).isEqualTo("/km~1h");
    }

    @Test
    void schema_brokenRules_areNamed() {
        rejects(() -> EventSchema.of(List.of(), LABEL), "no feature");
        rejects(
                () -> EventSchema.of(List.of(NumericFeature.of("a"), TextFeature.of("a", 5)), LABEL),
                "'a' is listed twice");
        rejects(
                () -> EventSchema.of(List.of(NumericFeature.of("label")), LABEL),
                "feature 'label' and the label both read '/label'");
        rejects(
                () -> EventSchema.of(
                        List.of(
                                new NumericFeature("a", "/x", Presence.REQUIRED),
                                new NumericFeature("b", "/x/y", Presence.REQUIRED)),
                        LABEL),
                "feature 'b' at '/x/y' lies inside feature 'a' at '/x'");
        rejects(
                () -> EventSchema.of(
                        List.of(
                                new TensorFeature("t", "/x", List.of(2), null, Presence.REQUIRED),
                                new NumericFeature("b", "/x", Presence.REQUIRED)),
                        LABEL),
                "both read '/x'");
        rejects(
                () -> new EventSchema(List.of(NumericFeature.of("a")), LABEL, null, "time"),
                "time: path 'time'",
                "'/time'");
        rejects(() -> new EventSchema(List.of(NumericFeature.of("a")), LABEL, "id", null), "id: path 'id'");
    }

    @Test
    void schema_oneFieldAsNumberAndCategory_isLegal() {
        EventSchema schema = EventSchema.of(
                List.of(
                        new NumericFeature("day", "/day", Presence.REQUIRED),
                        new CategoryFeature("weekday", "/day", 7, List.of(), Presence.REQUIRED)),
                LABEL);
        assertThat(schema.features()).hasSize(2);
    }

    @Test
    void features_brokenRules_areNamed() {
        rejects(() -> NumericFeature.of(" "), "blank");
        rejects(() -> new NumericFeature("a", "a", Presence.REQUIRED), "feature 'a': path 'a'");
        rejects(() -> CategoryFeature.ofCodes("c", 0), "category 'c': size 0 found");
        rejects(() -> CategoryFeature.ofValues("c", List.of()), "category 'c': size 0 found");
        rejects(
                () -> new CategoryFeature("c", "/c", 3, List.of("x", "y"), Presence.REQUIRED),
                "size 3 found, but 2 values");
        rejects(() -> CategoryFeature.ofValues("c", List.of("x", "x")), "'x' is listed twice");
        rejects(() -> TextFeature.of("t", 0), "0 buckets");
        rejects(() -> TensorFeature.of("t", List.of()), "shape []");
        rejects(() -> TensorFeature.of("t", List.of(3, 0)), "shape [3, 0]");
        rejects(() -> TensorFeature.of("t", List.of(1 << 20, 1 << 20)), "more than");
        rejects(
                () -> new TensorFeature("t", "/t", List.of(2, 2), ColumnRange.parse("p0..p4"), Presence.REQUIRED),
                "columns p0..p4 are 5, but shape [2, 2] holds 4");
    }

    @Test
    void label_brokenRules_areNamed() {
        rejects(() -> new Label("/y", List.of("one")), "at least 2");
        rejects(() -> new Label("/y", List.of("a", "a")), "'a' is listed twice");
        rejects(() -> new Label("/y", List.of("1", "1.0")), "'1' and '1.0' are the same number");
        rejects(() -> new Label("y", List.of("a", "b")), "label: path 'y'");
    }

    @Test
    void columnRange_text_isReadAndWritten() {
        ColumnRange range = ColumnRange.parse("p8..p11");
        assertThat(range.names()).containsExactly("p8", "p9", "p10", "p11");
        assertThat(range).hasToString("p8..p11");
        assertThat(ColumnRange.parse("x2y0..x2y3").names()).containsExactly("x2y0", "x2y1", "x2y2", "x2y3");
        rejects(() -> ColumnRange.parse("p0-p3"), "'p0-p3' is no range");
        rejects(() -> ColumnRange.parse("p0..q3"), "no range");
        rejects(() -> ColumnRange.parse("p5..p3"), "must not be below");
    }

    @Test
    void reason_codes_areTheContracts() {
        assertThat(Reason.values())
                .extracting(Reason::code)
                .containsExactly(
                        "not-json",
                        "missing-field",
                        "wrong-type",
                        "unknown-class",
                        "not-finite",
                        "wrong-tensor-size",
                        "wrong-teacher-size",
                        "not-probabilities",
                        "too-large");
        for (Reason reason : Reason.values()) {
            assertThat(Reason.ofCode(reason.code())).isSameAs(reason);
        }
        rejects(() -> Reason.ofCode("bored"), "'bored'");
    }

    private static void rejects(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessageContainingAll(parts);
    }
}
