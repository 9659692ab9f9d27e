package dev.reflux.events.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.events.CategoryFeature;
import dev.reflux.events.ColumnRange;
import dev.reflux.events.EventDecoder;
import dev.reflux.events.EventSchema;
import dev.reflux.events.Feature;
import dev.reflux.events.Label;
import dev.reflux.events.MicroBatch;
import dev.reflux.events.MicroBatchBuilder;
import dev.reflux.events.NumericFeature;
import dev.reflux.events.Presence;
import dev.reflux.events.TeacherField;
import dev.reflux.events.TensorFeature;
import dev.reflux.events.TextFeature;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvEventsTest {

    private static final Label LABEL = new Label("/label", List.of("DOWN", "UP"));
    private static final EventSchema NUMBER = EventSchema.of(List.of(NumericFeature.of("x")), LABEL);

    @TempDir
    private Path folder;

    @Test
    void next_everyKindOfColumn_isTheSchemasJson() throws IOException {
        EventSchema schema = new EventSchema(
                List.of(
                        new NumericFeature("price", "/market/price", Presence.REQUIRED),
                        new NumericFeature("volume", "/market/vol~1h", Presence.REQUIRED),
                        CategoryFeature.ofCodes("day", 7),
                        CategoryFeature.ofValues("colour", List.of("red", "5")),
                        TextFeature.of("text", 100),
                        new TensorFeature(
                                "image", "/image", List.of(2, 2), ColumnRange.parse("p0..p3"), Presence.REQUIRED)),
                LABEL,
                "/key",
                "/meta/time");
        List<String> events = events(schema, """
                p3,p0,p1,p2,text,colour,day,price,volume,label,key,time,unused
                4,1,2,3,"He said ""no"", é\t😀",5,6,-1.50e3,0,UP,k1,1700000000000,z
                ,,,,,,,,,,,,
                40,10,20,30,plain,red,0,.5,+7.,1,k2,2026-01-31,z
                """);
        assertThat(events)
                .containsExactly(
                        "{'market':{'price':-1.50e3,'vol/h':0},'day':6,'colour':'5',".replace('\'', '"')
                                + "\"text\":\"He said \\\"no\\\", é\\u0009😀\","
                                + "'image':[1,2,3,4],'key':'k1','meta':{'time':1700000000000},'label':'UP'}"
                                        .replace('\'', '"'),
                        json("{'market':{'price':null,'vol/h':null},'day':null,'colour':null,'text':null,'image':null,"
                                + "'key':null,'meta':{'time':null},'label':null}"),
                        json("{'market':{'price':0.5,'vol/h':7.0},'day':0,'colour':'red','text':'plain',"
                                + "'image':[10,20,30,40],'key':'k2','meta':{'time':'2026-01-31'},'label':'UP'}"));
        MicroBatch rows = decode(schema, events);
        assertThat(rows.size()).isEqualTo(3);
        assertThat(rows.numeric().get(0)).isEqualTo(-1500f);
        assertThat(rows.numeric().get(2)).isNaN();
        assertThat(rows.numeric().get(4)).isEqualTo(0.5f);
        assertThat(rows.tensors().get(3)).isEqualTo(4f);
        assertThat(rows.labels().get(2)).isEqualTo(1);
        assertThat(rows.eventTimes().get(0)).isEqualTo(1_700_000_000_000L);
    }

    @Test
    void next_pointersThatNeedEscapesOrElements_areReadByTheDecoder() throws IOException {
        EventSchema schema = EventSchema.of(
                List.of(
                        new NumericFeature("a", "/we \"quote\"/0", Presence.REQUIRED),
                        new NumericFeature("b", "/we \"quote\"/1", Presence.REQUIRED),
                        new NumericFeature("c", "/back\\slash\u0001", Presence.REQUIRED)),
                LABEL);
        MicroBatch rows = decode(schema, events(schema, "a,b,c,label\n1,2,3,UP\n"));
        assertThat(rows.numeric().get(0)).isEqualTo(1f);
        assertThat(rows.numeric().get(1)).isEqualTo(2f);
        assertThat(rows.numeric().get(2)).isEqualTo(3f);
    }

    @Test
    void next_labelColumn_isTheNamedOneElseTheLast() throws IOException {
        assertThat(events(NUMBER, "label,x,other\nUP,1,DOWN\n")).containsExactly(json("{'x':1,'label':'UP'}"));
        assertThat(events(NUMBER, "x,other,class\n1,2,DOWN\n")).containsExactly(json("{'x':1,'label':'DOWN'}"));
        assertThat(events(NUMBER, "other,x\nUP,1\n")).containsExactly(json("{'x':1}"));
    }

    @Test
    void next_labelCodes_areClassesUnlessAClassHasThatName() throws IOException {
        assertThat(labels(List.of("DOWN", "UP"), "0", "1", "UP", "")).containsExactly("DOWN", "UP", "UP", null);
        // classes named by numbers: the name counts, not the position
        assertThat(labels(List.of("1", "2", "0"), "0", "1", "2")).containsExactly("0", "1", "2");
        assertThat(labels(List.of("1", "UP"), "1", "0")).containsExactly("1", "1");
    }

    @Test
    void next_labelOfNoClass_namesTheLine() throws IOException {
        fails(NUMBER, "x,label\n1,UP\n2,SIDEWAYS\n", "events.csv line 3", "'SIDEWAYS'", "[DOWN, UP]");
        fails(NUMBER, "x,label\n1,2\n", "line 2", "'2'", "0 to 1");
    }

    @Test
    void next_noNumber_namesTheLine() throws IOException {
        for (String cell : List.of("abc", "1,5", "NaN", "Infinity", "0x10", "1e999999e", "--1", "-", "1d")) {
            fails(NUMBER, "x,label\n1,UP\n\"" + cell + "\",UP\n", "events.csv line 3", "numeric 'x'", cell);
        }
        // a line break in a cell counts
        EventSchema text = EventSchema.of(List.of(TextFeature.of("t", 9), NumericFeature.of("x")), LABEL);
        fails(text, "t,x,label\n\"two\nlines\",1,UP\nb,no,UP\n", "line 4", "'no'");
    }

    @Test
    void next_numberBeyondFloatRange_isLeftToTheDecoder() throws IOException {
        assertThat(events(NUMBER, "x,label\n1e999,UP\n")).containsExactly(json("{'x':1e999,'label':'UP'}"));
    }

    @Test
    void next_wrongNumberOfCells_namesTheLine() throws IOException {
        fails(NUMBER, "x,label\n1,UP\n2\n", "events.csv line 3", "1 cells", "2");
        fails(NUMBER, "x,label\n1,UP,3\n", "line 2", "3 cells");
    }

    @Test
    void next_tensorPartlyMissing_namesTheLine() throws IOException {
        EventSchema schema = EventSchema.of(
                List.of(new TensorFeature("t", "/t", List.of(2), ColumnRange.parse("p0..p1"), Presence.REQUIRED)),
                LABEL);
        fails(schema, "p0,p1,label\n1,,UP\n", "line 2", "tensor 't'", "1 of its 2 cells");
        fails(schema, "p0,p1,label\n1,x,UP\n", "line 2", "tensor 't'", "'x'");
    }

    @Test
    void next_teachersColumns_areItsProbabilities() throws IOException {
        EventSchema schema = taught(List.of(NumericFeature.of("x")), ColumnRange.parse("t0..t1"));
        List<String> events = events(schema, "t1,x,label,t0\n.75,1,UP,0.25\n,2,UP,\n");
        assertThat(events)
                .containsExactly(
                        json("{'x':1,'said':{'p':[0.25,0.75]},'label':'UP'}"),
                        json("{'x':2,'said':{'p':null},'label':'UP'}"));
        MicroBatch rows = decode(schema, events);
        assertThat(rows.teacher().get(0)).isEqualTo(0.25f);
        assertThat(rows.teacher().get(1)).isEqualTo(0.75f);
        assertThat(rows.teacher().get(2)).isNaN();
        assertThat(rows.teacher().get(3)).isNaN();
        // the last column is the teacher's, so it is no label
        assertThat(events(schema, "x,t0,t1\n1,0.25,0.75\n")).containsExactly(json("{'x':1,'said':{'p':[0.25,0.75]}}"));
        fails(schema, "x,t0,t1,label\n1,0.5,,UP\n", "line 2", "the teacher", "1 of its 2 cells");
        fails(schema, "x,t0,t1,label\n1,0.5,half,UP\n", "line 2", "the teacher", "'half'");
        fails(schema, "x,t0,label\n1,1,UP\n", "line 1", "no column 't1' for the teacher");
    }

    @Test
    void next_teacherWithoutColumns_isLeftOut() throws IOException {
        EventSchema schema = taught(List.of(NumericFeature.of("x")), null);
        List<String> events = events(schema, "x,p,label\n1,0.5,UP\n");
        assertThat(events).containsExactly(json("{'x':1,'label':'UP'}"));
        assertThat(decode(schema, events).teacher().get(0)).isNaN();
    }

    private static EventSchema taught(List<Feature> features, @Nullable ColumnRange columns) {
        return new EventSchema(features, LABEL, new TeacherField("/said/p", columns), null, null);
    }

    @Test
    void open_missingColumn_namesItAndTheHeader() throws IOException {
        fails(NUMBER, "y,label\n1,UP\n", "events.csv line 1", "no column 'x'", "numeric 'x'", "y, label");
        fails(NUMBER, "x,x,label\n1,1,UP\n", "'x' stands twice");
        EventSchema tensor = EventSchema.of(
                List.of(new TensorFeature("t", "/t", List.of(3), ColumnRange.parse("p0..p2"), Presence.REQUIRED)),
                LABEL);
        fails(tensor, "p0,p2,label\n1,2,UP\n", "no column 'p1'", "tensor 't'");
        fails(EventSchema.of(List.of(TensorFeature.of("t", List.of(3))), LABEL), "p0,label\n1,UP\n", "columns: p0..");
        fails(NUMBER, "", "is empty");
    }

    @Test
    void open_missingOptionalColumn_isLeftOut() throws IOException {
        EventSchema schema = EventSchema.of(
                List.of(NumericFeature.of("x"), new NumericFeature("y", "/y", Presence.OPTIONAL)), LABEL);
        List<String> events = events(schema, "x,label\n1,UP\n");
        assertThat(events).containsExactly(json("{'x':1,'label':'UP'}"));
        assertThat(decode(schema, events).size()).isEqualTo(1);
    }

    @Test
    void open_unclosedQuote_isAnError() throws IOException {
        fails(EventSchema.of(List.of(TextFeature.of("t", 9)), LABEL), "t,label\n\"cut off,UP\n", "events.csv");
    }

    @Test
    void open_compressedWithByteOrderMarkAndBlankLines_readsTheRows() throws IOException {
        Path file = folder.resolve("rows.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("\uFEFFx,label\r\n1,UP\r\n\r\n2,DOWN\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(read(CsvEvents.open(NUMBER, file)))
                .containsExactly(json("{'x':1,'label':'UP'}"), json("{'x':2,'label':'DOWN'}"));
        assertThat(CsvEvents.count(file)).isEqualTo(2);
    }

    @Test
    void open_limit_readsTheFirstRowsOnly() throws IOException {
        Path file = write("x,label\n1,UP\n2,UP\nbroken\n");
        assertThat(read(CsvEvents.open(NUMBER, file, 2))).hasSize(2);
        assertThat(read(CsvEvents.open(NUMBER, file, 0))).isEmpty();
        assertThatThrownBy(() -> CsvEvents.open(NUMBER, file, -1)).isInstanceOf(IllegalArgumentException.class);
        try (CsvEvents events = CsvEvents.open(NUMBER, file, 1)) {
            events.next();
            assertThat(events.hasNext()).isFalse();
            assertThatThrownBy(events::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void open_noFileOrNoGzip_isAnIoException() throws IOException {
        assertThatThrownBy(() -> CsvEvents.open(NUMBER, folder.resolve("none.csv")))
                .isInstanceOf(NoSuchFileException.class);
        Path notCompressed = Files.writeString(folder.resolve("a.csv.gz"), "x,label\n1,UP\n");
        assertThatThrownBy(() -> CsvEvents.open(NUMBER, notCompressed))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a.csv.gz");
    }

    @Test
    void next_compressedFileCutOff_isAnErrorThatNamesIt() throws IOException {
        Path whole = folder.resolve("whole.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
            for (int row = 0; row < 20_000; row++) {
                out.write((row == 0 ? "x,label\n" : Math.sin(row) + ",UP\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = Files.write(folder.resolve("cut.csv.gz"), Arrays.copyOf(bytes, bytes.length / 2));
        assertThatThrownBy(() -> read(CsvEvents.open(NUMBER, cut)))
                .isInstanceOf(CsvException.class)
                .hasMessageContaining("cut.csv.gz");
    }

    @Test
    void count_quotedLineBreaks_countsRows() throws IOException {
        assertThat(CsvEvents.count(write("t,label\n\"a\nb\",UP\nc,UP"))).isEqualTo(2);
        assertThat(CsvEvents.count(write("t,label\n"))).isZero();
        assertThat(CsvEvents.count(write(""))).isZero();
    }

    @Test
    void next_wideAndLongCells_areWhole() throws IOException {
        List<Feature> features = new ArrayList<>();
        StringBuilder header = new StringBuilder();
        StringBuilder row = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            features.add(NumericFeature.of("w" + i));
            header.append("w").append(i).append(',');
            row.append(i).append(',');
        }
        features.add(TextFeature.of("t", 1000));
        String text = "word ".repeat(4000);
        EventSchema schema = EventSchema.of(features, LABEL);
        List<String> events = events(schema, header + "t,label\n" + row + "\"" + text + "\",UP\n");
        MicroBatch rows = decode(schema, events);
        for (int i = 0; i < 500; i++) {
            assertThat(rows.numeric().get(i)).isEqualTo(i);
        }
        assertThat(rows.tokens().limit()).isEqualTo(4000);
    }

    private List<String> labels(List<String> classes, String... cells) throws IOException {
        EventSchema schema = EventSchema.of(List.of(NumericFeature.of("x")), new Label("/label", classes));
        List<String> found = new ArrayList<>();
        for (String event : events(schema, "x,label\n1," + String.join("\n1,", cells) + "\n")) {
            String label = event.substring(event.lastIndexOf(':') + 1, event.length() - 1);
            found.add(label.equals("null") ? null : label.replace("\"", ""));
        }
        return found;
    }

    private void fails(EventSchema schema, String csv, String... parts) throws IOException {
        Path file = write(csv);
        assertThatThrownBy(() -> read(CsvEvents.open(schema, file)))
                .isInstanceOf(CsvException.class)
                .hasMessageContainingAll(parts);
    }

    private List<String> events(EventSchema schema, String csv) throws IOException {
        return read(CsvEvents.open(schema, write(csv)));
    }

    private Path write(String csv) throws IOException {
        return Files.writeString(folder.resolve("events.csv"), csv);
    }

    private static List<String> read(CsvEvents events) throws IOException {
        try (events) {
            List<String> read = new ArrayList<>();
            while (events.hasNext()) {
                read.add(new String(events.next(), StandardCharsets.UTF_8));
            }
            return read;
        }
    }

    private static MicroBatch decode(EventSchema schema, List<String> events) {
        EventDecoder decoder = new EventDecoder(schema);
        MicroBatchBuilder batch = new MicroBatchBuilder(schema.layout(), events.size());
        for (String event : events) {
            assertThat(decoder.decode(event.getBytes(StandardCharsets.UTF_8), 0, 0, 0, batch))
                    .as(event)
                    .isNull();
        }
        return batch.build(0);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
