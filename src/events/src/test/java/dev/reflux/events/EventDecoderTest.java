package dev.reflux.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {

    private static final long TIMESTAMP = 1_700_000_000_000L;
    private static final EventSchema SCHEMA = new EventSchema(
            List.of(
                    NumericFeature.of("x"),
                    new NumericFeature("deep", "/a~1b/m~0n/1", Presence.OPTIONAL),
                    CategoryFeature.ofCodes("day", 7),
                    CategoryFeature.ofValues("colour", List.of("red", "green", "3", "true")),
                    TextFeature.of("text", 1000),
                    TensorFeature.of("image", List.of(1, 2, 2))),
            new Label("/label", List.of("DOWN", "UP", "7", "true")),
            "/id",
            "/time");
    private static final String GOOD =
            "{'x':1.5,'day':3,'colour':'green','text':'Hello, hello WORLD','image':[1,2,3,4],'label':'UP'}";

    private final EventDecoder decoder = new EventDecoder(SCHEMA);
    private final MicroBatchBuilder batch = new MicroBatchBuilder(SCHEMA.layout(), 1000);

    private static final EventSchema TAUGHT = new EventSchema(
            List.of(new NumericFeature("x", "/x", Presence.OPTIONAL)),
            SCHEMA.label(),
            new TeacherField("/teacher", null),
            null,
            null);
    private final EventDecoder teacher = new EventDecoder(TAUGHT);
    private final MicroBatchBuilder taught = new MicroBatchBuilder(TAUGHT.layout(), 100);

    @Test
    void decode_everyKindOfFeature_fillsTheRow() {
        accept(GOOD);
        accept("{'unknown':{'x':[1,{}]},'label':'DOWN','image':[[[5,6],[7,8.5]]],'text':null,'colour':'red','day':6,"
                + "'x':-2e-3,'a/b':{'m~n':[9,0.25,8],'x':1}}");
        MicroBatch rows = batch.build(42);
        assertThat(rows.id()).isEqualTo(42);
        assertThat(rows.size()).isEqualTo(2);
        assertThat(numbers(rows, 4)).containsExactly(1.5f, Float.NaN, -2e-3f, 0.25f);
        assertThat(ints(rows.categories())).containsExactly(3, 1, 6, 0);
        int hello = new TokenHasher().buckets("hello", 1000)[0];
        int world = new TokenHasher().buckets("world", 1000)[0];
        assertThat(ints(rows.tokens())).containsExactly(hello, hello, world);
        assertThat(ints(rows.tokenOffsets())).containsExactly(0, 3, 3);
        assertThat(IntStream.range(0, 8).mapToObj(rows.tensors()::get))
                .containsExactly(1f, 2f, 3f, 4f, 5f, 6f, 7f, 8.5f);
        assertThat(ints(rows.labels())).containsExactly(1, 0);
        assertThat(ints(rows.truth())).containsExactly(1, 0);
        assertThat(ints(rows.partitions())).containsExactly(4, 4);
        assertThat(rows.offsets().get(1)).isEqualTo(1001);
        assertThat(rows.eventTimes().get(0)).isEqualTo(TIMESTAMP);
    }

    @Test
    void decode_withAListener_handsOverTextsAndTheIdentity() {
        List<String> heard = new ArrayList<>();
        EventDecoder telling = new EventDecoder(SCHEMA, 1000, new DecodingListener() {
            @Override
            public void text(int column, String text) {
                heard.add(column + " " + text);
            }

            @Override
            public void id(String id) {
                heard.add("id " + id);
            }
        });
        for (String id : List.of("'a-7'", "12", "true", "null")) {
            assertThat(telling.decode(json(GOOD.replace("}", ",'id':" + id + "}")), 0, 0, TIMESTAMP, batch))
                    .isNull();
        }
        String hello = "0 Hello, hello WORLD";
        assertThat(heard).containsExactly(hello, "id a-7", hello, "id 12", hello, "id true", hello);
        assertThat(telling.decode(json(GOOD.replace("}", ",'id':[1]}")), 0, 0, TIMESTAMP, batch))
                .extracting(Rejection::reason)
                .isEqualTo(Reason.WRONG_TYPE);
        accept(GOOD.replace("}", ",'id':[1]}"));
    }

    @Test
    void decode_nulls_areMissingValues() {
        accept("{'x':null,'day':null,'colour':null,'text':null,'image':null,'label':null,'a/b':null,'time':null}");
        MicroBatch rows = batch.build(0);
        assertThat(numbers(rows, 2)).containsOnly(Float.NaN);
        assertThat(ints(rows.categories())).containsExactly(-1, -1);
        assertThat(rows.tokens().limit()).isZero();
        assertThat(IntStream.range(0, 4).mapToObj(rows.tensors()::get)).containsOnly(Float.NaN);
        assertThat(ints(rows.labels())).containsExactly(-1);
        assertThat(rows.eventTimes().get(0)).isEqualTo(TIMESTAMP);
    }

    @Test
    void decode_absentLabelAndOptionalField_areLegal() {
        accept(GOOD.replace(",'label':'UP'", ""));
        assertThat(batch.build(0).truth().get(0)).isEqualTo(-1);
    }

    @Test
    void decode_codeOutsideItsRange_isUnknown() {
        assertThat(dayOf("7")).isEqualTo(-1);
        assertThat(dayOf("-1")).isEqualTo(-1);
        assertThat(dayOf("1e300")).isEqualTo(-1);
        assertThat(dayOf("99999999999999999999999")).isEqualTo(-1);
        assertThat(dayOf("6.0")).isEqualTo(6);
        assertThat(dayOf("0")).isZero();
        reject(GOOD.replace("'day':3", "'day':3.5"), Reason.WRONG_TYPE, "'day'", "3.5", "whole number");
    }

    @Test
    void decode_valueOutsideTheVocabulary_isUnknown() {
        assertThat(colourOf("'red'")).isZero();
        assertThat(colourOf("'blue'")).isEqualTo(-1);
        assertThat(colourOf("''")).isEqualTo(-1);
        assertThat(colourOf("'gr\\u0065en'")).isEqualTo(1);
        assertThat(colourOf("'3'")).isEqualTo(2);
        assertThat(colourOf("3.0")).isEqualTo(2);
        assertThat(colourOf("4")).isEqualTo(-1);
        assertThat(colourOf("true")).isEqualTo(3);
        assertThat(colourOf("false")).isEqualTo(-1);
    }

    @Test
    void decode_labelAsNumberOrBoolean_isTheClassOfThatName() {
        assertThat(labelOf("7")).isEqualTo(2);
        assertThat(labelOf("7.0")).isEqualTo(2);
        assertThat(labelOf("'7'")).isEqualTo(2);
        assertThat(labelOf("true")).isEqualTo(3);
        assertThat(labelOf("'true'")).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'SIDEWAYS'", "0", "1", "8", "false", "''", "'up'", "1e400"})
    void decode_labelOfNoClass_isUnknownClass(String label) {
        Reason reason = label.equals("1e400") ? Reason.NOT_FINITE : Reason.UNKNOWN_CLASS;
        reject(GOOD.replace("'UP'", label), reason, "/label");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n ",
                "nonsense",
                "{",
                "{'x':1,}",
                "{'x':01}",
                "{'x' 1}",
                "{'x':1}}",
                "{'x':.5}",
                "{'x':tru}",
                "{'x':\"a\nb\"}",
            })
    void decode_brokenJson_isNotJson(String json) {
        reject(json, Reason.NOT_JSON);
    }

    @Test
    void decode_contentAfterTheEvent_isNotJson() {
        reject(GOOD + GOOD, Reason.NOT_JSON, "after the event's end");
        reject(GOOD + " x", Reason.NOT_JSON);
        accept(GOOD + " \n");
    }

    @Test
    void decode_cutOff_isNotJson() {
        String tensorLast = "{'x':1,'day':3,'colour':'red','text':'a','image':[1,2,3,4]}";
        for (int length = 0; length < tensorLast.length(); length++) {
            reject(tensorLast.substring(0, length), Reason.NOT_JSON);
        }
        accept(tensorLast);
    }

    @Test
    void decode_fieldGivenTwice_isNotJson() {
        reject(GOOD.replace("}", ",'x':2}"), Reason.NOT_JSON, "'x'", "twice");
        reject(GOOD.replace("}", ",'a/b':{},'a/b':{'m~n':[0,1]}}"), Reason.NOT_JSON, "'a/b'", "twice");
        accept(GOOD.replace("}", ",'other':2,'other':3}"));
    }

    @Test
    void decode_noValue_isNotJson() {
        Rejection tombstone = decoder.decode(null, 0, 0, 0, batch);
        assertThat(tombstone).isNotNull();
        assertThat(tombstone.reason()).isEqualTo(Reason.NOT_JSON);
        assertThat(tombstone.message()).contains("tombstone");
        reject("", Reason.NOT_JSON, "empty");
    }

    @Test
    void decode_longerThanTheLimit_isTooLarge() {
        EventDecoder strict = new EventDecoder(SCHEMA, GOOD.length());
        assertThat(strict.decode(json(GOOD), 0, 0, 0, batch)).isNull();
        Rejection rejection = strict.decode(json(GOOD + " "), 0, 0, 0, batch);
        assertThat(rejection).isNotNull();
        assertThat(rejection.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(rejection.message()).contains(String.valueOf(GOOD.length() + 1), String.valueOf(GOOD.length()));
        assertThat(batch.size()).isEqualTo(1);
    }

    @Test
    void decode_longerThanTheDefaultLimit_isTooLarge() {
        String padded = GOOD + " ".repeat(EventDecoder.DEFAULT_MAX_BYTES - GOOD.length());
        accept(padded);
        reject(padded + " ", Reason.TOO_LARGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "5", "'text'", "null", "true", "[{'x':1}]"})
    void decode_noObject_isWrongType(String json) {
        reject(json, Reason.WRONG_TYPE, "an event is a JSON object");
    }

    @Test
    void decode_absentRequiredField_isMissingField() {
        reject("{}", Reason.MISSING_FIELD, "numeric 'x'", "'/x'", "null");
        reject(GOOD.replace(",'image':[1,2,3,4]", ""), Reason.MISSING_FIELD, "tensor 'image'");
        reject(GOOD.replace("'day':3,", ""), Reason.MISSING_FIELD, "category 'day'");
        reject(GOOD.replace("'text':'Hello, hello WORLD',", ""), Reason.MISSING_FIELD, "text 'text'");
    }

    @Test
    void decode_absentNestedField_isMissingField() {
        EventSchema nested = EventSchema.of(
                List.of(new NumericFeature("deep", "/a/b", Presence.REQUIRED)), new Label("/l", List.of("p", "q")));
        EventDecoder strict = new EventDecoder(nested);
        MicroBatchBuilder rows = new MicroBatchBuilder(nested.layout(), 10);
        for (String json :
                List.of("{'a':null}", "{'a':5}", "{'a':{}}", "{'a':[1]}", "{'b':1}", "{'a':{'c':{'b':1}}}")) {
            Rejection rejection = strict.decode(json(json), 0, 0, 0, rows);
            assertThat(rejection).as(json).isNotNull();
            assertThat(rejection.reason()).as(json).isEqualTo(Reason.MISSING_FIELD);
        }
        // a field met in an earlier event does not count for this one
        assertThat(strict.decode(json("{'a':{'b':1}}"), 0, 0, 0, rows)).isNull();
        assertThat(strict.decode(json("{'a':{}}"), 0, 0, 0, rows)).isNotNull();
        assertThat(rows.size()).isEqualTo(1);
    }

    @Test
    void decode_otherJsonType_isWrongType() {
        for (String wrong : List.of("'1'", "true", "[1]", "{'y':1}")) {
            reject(GOOD.replace("1.5", wrong), Reason.WRONG_TYPE, "numeric 'x'", "/x", "a number");
        }
        for (String wrong : List.of("'3'", "true", "[3]", "{}")) {
            reject(GOOD.replace("'day':3", "'day':" + wrong), Reason.WRONG_TYPE, "category 'day'");
        }
        for (String wrong : List.of("['red']", "{}")) {
            reject(GOOD.replace("'green'", wrong), Reason.WRONG_TYPE, "category 'colour'");
        }
        for (String wrong : List.of("5", "false", "['a']", "{}")) {
            reject(GOOD.replace("'Hello, hello WORLD'", wrong), Reason.WRONG_TYPE, "text 'text'");
        }
        for (String wrong : List.of("5", "'1,2'", "{}", "[1,2,'3',4]", "[1,2,null,4]", "[1,2,{},4]", "[1,true]")) {
            reject(GOOD.replace("[1,2,3,4]", wrong), Reason.WRONG_TYPE, "tensor 'image'");
        }
        for (String wrong : List.of("[]", "{'class':'UP'}")) {
            reject(GOOD.replace("'UP'", wrong), Reason.WRONG_TYPE, "label");
        }
        for (String wrong : List.of("true", "'yesterday'", "'2026-02-30'", "[]")) {
            reject(GOOD.replace("}", ",'time':" + wrong + "}"), Reason.WRONG_TYPE, "time");
        }
    }

    @Test
    void decode_booleanForAVocabularyWithoutBooleans_isWrongType() {
        EventSchema plain = EventSchema.of(
                List.of(CategoryFeature.ofValues("c", List.of("a", "b"))), new Label("/l", List.of("p", "q")));
        MicroBatchBuilder rows = new MicroBatchBuilder(plain.layout(), 10);
        for (String wrong : List.of("true", "1")) {
            Rejection rejection = new EventDecoder(plain).decode(json("{'c':" + wrong + "}"), 0, 0, 0, rows);
            assertThat(rejection).isNotNull();
            assertThat(rejection.reason()).isEqualTo(Reason.WRONG_TYPE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "-Infinity", "1e999", "-1e999", "3.5e38", "1e39"})
    void decode_numberThatIsNotFinite_isNotFinite(String number) {
        reject(GOOD.replace("1.5", number), Reason.NOT_FINITE, "numeric 'x'", number);
        reject(GOOD.replace("[1,2,3,4]", "[1,2,3," + number + "]"), Reason.NOT_FINITE, "tensor 'image'");
        accept(GOOD.replace("1.5", "3.4028234e38"));
    }

    @Test
    void decode_notFiniteElsewhere_isNotFinite() {
        reject(GOOD.replace("1.5", "1" + "0".repeat(50)), Reason.NOT_FINITE);
        reject(GOOD.replace("'UP'", "NaN"), Reason.NOT_FINITE);
        reject(GOOD.replace("'day':3", "'day':NaN"), Reason.NOT_FINITE);
        reject(GOOD.replace("}", ",'time':1e30}"), Reason.NOT_FINITE);
        reject(GOOD.replace("}", ",'time':99999999999999999999}"), Reason.NOT_FINITE);
    }

    @Test
    void decode_tensorOfAnotherSize_isWrongTensorSize() {
        reject(GOOD.replace("[1,2,3,4]", "[1,2,3]"), Reason.WRONG_TENSOR_SIZE, "3 numbers", "[1, 2, 2]", "4");
        reject(GOOD.replace("[1,2,3,4]", "[1,2,3,4,5]"), Reason.WRONG_TENSOR_SIZE, "more than 4");
        reject(GOOD.replace("[1,2,3,4]", "[]"), Reason.WRONG_TENSOR_SIZE, "0 numbers");
        accept(GOOD.replace("[1,2,3,4]", "[[1,2],[3,4]]"));
    }

    @Test
    void decode_timeOfTheEvent_isTheRowsTime() {
        assertThat(timeOf("1700000000123")).isEqualTo(1_700_000_000_123L);
        assertThat(timeOf("1.7e12")).isEqualTo(1_700_000_000_000L);
        assertThat(timeOf("'2026-01-31T12:00:00.250Z'"))
                .isEqualTo(Instant.parse("2026-01-31T12:00:00.250Z").toEpochMilli());
        assertThat(timeOf("'2026-01-31T12:00:00+02:00'"))
                .isEqualTo(Instant.parse("2026-01-31T10:00:00Z").toEpochMilli());
        assertThat(timeOf("'2026-01-31T12:00'"))
                .isEqualTo(Instant.parse("2026-01-31T12:00:00Z").toEpochMilli());
        assertThat(timeOf("'2026-01-31'"))
                .isEqualTo(Instant.parse("2026-01-31T00:00:00Z").toEpochMilli());
    }

    @Test
    void decode_fieldsInAnyOrder_findTheirColumns() {
        EventSchema many = EventSchema.of(
                IntStream.range(0, 40)
                        .<Feature>mapToObj(i -> NumericFeature.of("f" + i))
                        .toList(),
                new Label("/l", List.of("p", "q")));
        EventDecoder wide = new EventDecoder(many);
        MicroBatchBuilder rows = new MicroBatchBuilder(many.layout(), 50);
        for (int step : new int[] {1, 3, 39}) {
            StringBuilder json = new StringBuilder("{\"l\":\"q\"");
            for (int i = 0; i < 40; i++) {
                int feature = i * step % 40;
                json.append(",\"f").append(feature).append("\":").append(feature * 10);
            }
            assertThat(wide.decode(json.append('}').toString().getBytes(StandardCharsets.UTF_8), 0, 0, 0, rows))
                    .isNull();
        }
        MicroBatch built = rows.build(0);
        for (int i = 0; i < 120; i++) {
            assertThat(built.numeric().get(i)).isEqualTo(i % 40 * 10f);
        }
    }

    @Test
    void decode_fieldReadTwice_fillsBothColumns() {
        EventSchema twice = EventSchema.of(
                List.of(
                        new NumericFeature("day", "/day", Presence.REQUIRED),
                        new CategoryFeature("weekday", "/day", 7, List.of(), Presence.REQUIRED)),
                new Label("/l", List.of("p", "q")));
        MicroBatchBuilder rows = new MicroBatchBuilder(twice.layout(), 1);
        assertThat(new EventDecoder(twice).decode(json("{'day':5}"), 0, 0, 0, rows))
                .isNull();
        MicroBatch built = rows.build(0);
        assertThat(built.numeric().get(0)).isEqualTo(5f);
        assertThat(built.categories().get(0)).isEqualTo(5);
    }

    @Test
    void decode_numbers_areTheNearestFloats() {
        for (String number : List.of("0.1", "16777217", "1e-45", "123456789012345678901234567890", "-0.0", "1E+2")) {
            accept(GOOD.replace("1.5", number));
            assertThat(batch.build(0).numeric().get(0)).as(number).isEqualTo(Float.parseFloat(number));
        }
    }

    @Test
    void decode_hostileMessage_isCut() {
        Rejection rejection =
                decoder.decode(json(GOOD.replace("'UP'", "'" + "U".repeat(10_000) + "'")), 0, 0, 0, batch);
        assertThat(rejection).isNotNull();
        assertThat(rejection.message()).hasSizeLessThan(Rejection.MAX_MESSAGE);
        assertThat(new Rejection(Reason.NOT_JSON, "m".repeat(1000)).message()).hasSize(Rejection.MAX_MESSAGE);
    }

    @Test
    void decode_deepNesting_isNotJson() {
        String deep = "{'x':1,'other':" + "[".repeat(50_000) + "]".repeat(50_000) + "}";
        reject(deep, Reason.NOT_JSON);
        reject(GOOD.replace("[1,2,3,4]", "[".repeat(50_000) + "]".repeat(50_000)), Reason.NOT_JSON);
    }

    @Test
    void decode_otherLayout_isRefused() {
        MicroBatchBuilder other = new MicroBatchBuilder(new BatchLayout(1, List.of(), List.of(), List.of()), 5);
        assertThatThrownBy(() -> decoder.decode(json(GOOD), 0, 0, 0, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("layout");
    }

    @Test
    void decode_teacher_isAnArrayInTheOrderOfTheClassesOrAnObject() {
        assertThat(taught("[0.1,0.2,0.3,0.4]")).containsExactly(0.1f, 0.2f, 0.3f, 0.4f);
        assertThat(taught("[0,1,0,-0.0]")).containsExactly(0f, 1f, 0f, -0f);
        assertThat(taught("{'7':0.3,'DOWN':0.1,'true':0.4,'UP':0.2}")).containsExactly(0.1f, 0.2f, 0.3f, 0.4f);
        assertThat(taught("{'UP':0.75,'7':0.25}")).containsExactly(0f, 0.75f, 0.25f, 0f);
        assertThat(taught("{'\\u0055P':1}")).containsExactly(0f, 1f, 0f, 0f);
    }

    @Test
    void decode_teacherThatNamesAClass_isSureOfIt() {
        assertThat(taught("'UP'")).containsExactly(0f, 1f, 0f, 0f);
        assertThat(taught("7")).containsExactly(0f, 0f, 1f, 0f);
        assertThat(taught("7.0")).containsExactly(0f, 0f, 1f, 0f);
        assertThat(taught("true")).containsExactly(0f, 0f, 0f, 1f);
    }

    @Test
    void decode_teacherThatSaysNothing_isMissing() {
        for (String event : List.of("{'teacher':null}", "{}", "{'deep':{'teacher':[9]}}")) {
            assertThat(teacher.decode(json(event), 0, 0, 0, taught)).as(event).isNull();
        }
        // also after events in which it said something
        assertThat(taught("[1,0,0,0]")).containsExactly(1f, 0f, 0f, 0f);
        assertThat(teacher.decode(json("{'teacher':null}"), 0, 0, 0, taught)).isNull();
        assertThat(lastTaught()).containsOnly(Float.NaN);
        MicroBatch batch = taught.build(0);
        assertThat(batch.size()).isEqualTo(5);
        assertThat(IntStream.range(0, 12).mapToObj(batch.teacher()::get)).containsOnly(Float.NaN);
        assertThat(batch.teacher().get(12)).isEqualTo(1f);
    }

    @Test
    void decode_teacherThatGivesNoProbabilities_isRefused() {
        refuse("[0.5,0.5]", Reason.WRONG_TEACHER_SIZE, "'/teacher'", "2 probabilities", "4 classes");
        refuse("[]", Reason.WRONG_TEACHER_SIZE, "0 probabilities");
        refuse("[0.2,0.2,0.2,0.2,0.2]", Reason.WRONG_TEACHER_SIZE, "more than 4");
        refuse("[0.5,0.6,-0.1,0]", Reason.NOT_PROBABILITIES, "-0.1 found", "not negative");
        refuse("{'UP':-1e-6,'DOWN':1}", Reason.NOT_PROBABILITIES, "-1e-6");
        refuse("[10,20,30,40]", Reason.NOT_PROBABILITIES, "a sum of 100.0 found", "within 0.05", "percentages");
        refuse("[0,0,0,0]", Reason.NOT_PROBABILITIES, "a sum of 0.0");
        refuse("{}", Reason.NOT_PROBABILITIES, "a sum of 0.0");
        refuse("[3e38,3e38,0,0]", Reason.NOT_PROBABILITIES, "a sum of Infinity");
        refuse("[NaN,1,0,0]", Reason.NOT_FINITE, "the teacher", "NaN");
        refuse("[1e39,0,0,0]", Reason.NOT_FINITE, "1e39");
        refuse("{'UP':Infinity}", Reason.NOT_FINITE, "Infinity");
        refuse("{'SIDEWAYS':1}", Reason.UNKNOWN_CLASS, "\"SIDEWAYS\"", "[DOWN, UP, 7, true]");
        refuse("{'7.0':1}", Reason.UNKNOWN_CLASS, "\"7.0\"");
        refuse("{'UP':0.5,'UP':0.5}", Reason.NOT_JSON, "'UP'", "twice");
        refuse("5", Reason.UNKNOWN_CLASS, "the teacher", "5 found", "[DOWN, UP, 7, true]");
        refuse("'SIDEWAYS'", Reason.UNKNOWN_CLASS, "\"SIDEWAYS\"");
        refuse("false", Reason.UNKNOWN_CLASS, "false");
        refuse("NaN", Reason.NOT_FINITE, "the teacher", "NaN");
        for (String wrong : List.of("[[1,0],[0,0]]", "['1',0,0,0]", "[1,0,0,null]")) {
            refuse(wrong, Reason.WRONG_TYPE, "the teacher");
        }
        for (String wrong : List.of("{'UP':'1'}", "{'UP':[1]}", "{'UP':{}}", "{'UP':null}")) {
            refuse(wrong, Reason.WRONG_TYPE, "the teacher");
        }
    }

    @Test
    void decode_teacherThatSumsToAlmostOne_isTakenAsItIs() {
        assertThat(taught("[0.33,0.33,0.33,0]")).containsExactly(0.33f, 0.33f, 0.33f, 0f);
        assertThat(taught("[0.951,0,0,0]")).containsExactly(0.951f, 0f, 0f, 0f);
        assertThat(taught("[0.5,0.549,0,0]")).containsExactly(0.5f, 0.549f, 0f, 0f);
        refuse("[0.5,0.449,0,0]", Reason.NOT_PROBABILITIES, "a sum of 0.949");
        refuse("[0.5,0.551,0,0]", Reason.NOT_PROBABILITIES, "a sum of 1.051");
    }

    private List<Float> taught(String probabilities) {
        String event = "{'teacher':" + probabilities + "}";
        assertThat(teacher.decode(json(event), 0, 0, 0, taught)).as(event).isNull();
        return lastTaught();
    }

    /** What the last row of those that have a teacher holds; the rows stay. */
    private List<Float> lastTaught() {
        MicroBatchBuilder copy = new MicroBatchBuilder(taught.layout(), 100);
        copy.restore(taught.save());
        MicroBatch batch = copy.build(0);
        return IntStream.range(4 * batch.size() - 4, 4 * batch.size())
                .mapToObj(batch.teacher()::get)
                .toList();
    }

    private void refuse(String probabilities, Reason reason, String... parts) {
        byte[] before = taught.save();
        String event = "{'teacher':" + probabilities + "}";
        Rejection rejection = teacher.decode(json(event), 0, 0, 0, taught);
        assertThat(rejection).as(event).isNotNull();
        assertThat(rejection.reason()).as(event + ": " + rejection.message()).isEqualTo(reason);
        assertThat(List.of(parts))
                .allSatisfy(part -> assertThat(rejection.message()).contains(part));
        assertThat(taught.save()).isEqualTo(before);
    }

    private int dayOf(String day) {
        accept(GOOD.replace("'day':3", "'day':" + day));
        return batch.build(0).categories().get(0);
    }

    private int colourOf(String colour) {
        accept(GOOD.replace("'green'", colour));
        return batch.build(0).categories().get(1);
    }

    private int labelOf(String label) {
        accept(GOOD.replace("'UP'", label));
        return batch.build(0).labels().get(0);
    }

    private long timeOf(String time) {
        accept(GOOD.replace("}", ",'time':" + time + "}"));
        return batch.build(0).eventTimes().get(0);
    }

    private void accept(String event) {
        int size = batch.size();
        assertThat(decoder.decode(json(event), 4, 1000 + size, TIMESTAMP, batch))
                .as(event)
                .isNull();
        assertThat(batch.size()).isEqualTo(size + 1);
    }

    /** The event is refused for this reason, and the batch is as before. */
    private void reject(String event, Reason reason, String... parts) {
        byte[] before = batch.save();
        Rejection rejection = decoder.decode(json(event), 0, 0, TIMESTAMP, batch);
        assertThat(rejection).as(event).isNotNull();
        assertThat(rejection.reason()).as(event + ": " + rejection.message()).isEqualTo(reason);
        assertThat(List.of(parts))
                .allSatisfy(part -> assertThat(rejection.message()).contains(part));
        assertThat(batch.save()).isEqualTo(before);
    }

    /** Single quotes stand for double ones. */
    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static List<Float> numbers(MicroBatch batch, int count) {
        return IntStream.range(0, count).mapToObj(batch.numeric()::get).toList();
    }

    private static int[] ints(IntBuffer buffer) {
        return IntStream.range(0, buffer.limit()).map(buffer::get).toArray();
    }
}
