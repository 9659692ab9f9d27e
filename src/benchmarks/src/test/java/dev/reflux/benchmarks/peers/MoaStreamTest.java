package dev.reflux.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflux.events.BatchLayout;
import dev.reflux.events.MicroBatchBuilder;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MoaStreamTest {

    @TempDir
    private Path folder;

    @Test
    void write_everyKindOfFeature_asAttributes() throws IOException {
        BatchLayout layout = new BatchLayout(1, List.of(3), List.of(4096), List.of(List.of(2)));
        MicroBatchBuilder builder = new MicroBatchBuilder(layout, 2);
        builder.beginRow();
        builder.setNumeric(0, 1.5f);
        builder.setCategory(0, 2);
        builder.setTensor(0, 3);
        builder.setTensor(1, 4);
        builder.addToken(0, 5);
        builder.addToken(0, 5 + 1024);
        builder.setLabel(6);
        builder.commitRow(0, 0, 0);
        builder.beginRow();
        builder.setLabel(1);
        builder.commitRow(0, 1, 0);
        Path file = folder.resolve("stream");

        new MoaStream(layout, 7).write(List.of(builder.build(0)), file);

        try (DataInputStream in = new DataInputStream(Files.newInputStream(file))) {
            assertThat(in.readInt()).as("rows").isEqualTo(2);
            assertThat(in.readInt()).as("attributes").isEqualTo(4 + 1024);
            assertThat(in.readInt()).isZero();
            assertThat(in.readInt()).as("codes of the category").isEqualTo(3);
            in.skipNBytes((2 + 1024) * Integer.BYTES);
            assertThat(in.readInt()).as("classes").isEqualTo(7);
            assertThat(List.of(in.readFloat(), in.readFloat(), in.readFloat(), in.readFloat()))
                    .containsExactly(1.5f, 2f, 3f, 4f);
            in.skipNBytes(5 * Float.BYTES);
            assertThat(in.readFloat()).as("words of the same bucket").isEqualTo(2);
            in.skipNBytes(1018 * Float.BYTES);
            assertThat(in.readByte()).isEqualTo((byte) 6);
            assertThat(in.readBoolean()).as("labelled").isTrue();
            assertThat(in.readFloat()).isNaN();
            assertThat(in.readFloat()).as("missing category").isNaN();
        }
    }

    @Test
    void constructor_moreClassesThanAByteHolds_isRefused() {
        assertThatThrownBy(() -> new MoaStream(new BatchLayout(1, List.of(), List.of(), List.of()), 128))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("128 found");
    }
}
