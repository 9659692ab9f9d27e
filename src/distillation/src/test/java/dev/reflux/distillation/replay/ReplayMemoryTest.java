package dev.reflux.distillation.replay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.Examples;
import dev.reflux.distillation.InputLayout;
import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ReplayMemoryTest {

    private static final InputLayout LAYOUT = InputLayout.ofNumeric(1);

    @ParameterizedTest
    @CsvSource({"RECENT, 0.5, 5", "RECENT, 0.25, 3", "RECENT, 0, 0", "RECENT, 1, 10"})
    void keepNewest_ofTheLastOnes_leavesTheLastOfThem(ReplaySpec.Policy policy, double share, int kept) {
        ReplayMemory memory = memory(policy);
        add(memory, 0, 23);

        memory.keepNewest(share);

        assertThat(memory.size()).isEqualTo(kept);
        assertThat(remembered(memory)).isEqualTo(numbers(23 - kept, 23));
        add(memory, 23, 30);
        assertThat(remembered(memory)).isEqualTo(numbers(Math.max(23 - kept, 20), 30));
    }

    @ParameterizedTest
    @EnumSource(
            value = ReplaySpec.Policy.class,
            names = {"RESERVOIR", "DARK_EXPERIENCE"})
    void keepNewest_ofASample_leavesItsNewestAndSamplesAnew(ReplaySpec.Policy policy) {
        ReplayMemory memory = memory(policy);
        add(memory, 0, 1_000);
        TreeSet<Integer> before = remembered(memory);

        memory.keepNewest(0.5);

        TreeSet<Integer> newest = new TreeSet<>(before);
        while (newest.size() > 5) {
            newest.pollFirst();
        }
        assertThat(remembered(memory)).isEqualTo(newest);
        add(memory, 1_000, 1_005);
        assertThat(remembered(memory)).containsAll(numbers(1_000, 1_005)).containsAll(newest);
        add(memory, 1_005, 1_200);
        assertThat(remembered(memory).headSet(1_000))
                .as("what comes later soon outweighs what is left")
                .hasSizeLessThan(3);
    }

    @Test
    void keepNewest_afterItsStateWasSaved_leavesTheSame() {
        ReplayMemory memory = memory(ReplaySpec.Policy.RESERVOIR);
        add(memory, 0, 500);
        memory.keepNewest(0.7);
        add(memory, 500, 600);
        StateWriter state = new StateWriter();
        memory.write(state);
        ReplayMemory restored = memory(ReplaySpec.Policy.RESERVOIR);
        restored.read(new StateReader(state.toBytes()));

        memory.keepNewest(0.4);
        restored.keepNewest(0.4);

        assertThat(restored.size()).isEqualTo(4);
        assertThat(remembered(restored)).isEqualTo(remembered(memory));
    }

    private static ReplayMemory memory(ReplaySpec.Policy policy) {
        return new ReplayMemory(new ReplaySpec(10, 1, policy, 0), LAYOUT, 2, 1);
    }

    private static void add(ReplayMemory memory, int from, int to) {
        for (int i = from; i < to; i++) {
            IntBuffer label = IntBuffer.wrap(new int[] {i % 2});
            memory.add(
                    new Examples(
                            LAYOUT,
                            1,
                            FloatBuffer.wrap(new float[] {i}),
                            IntBuffer.allocate(0),
                            IntBuffer.allocate(1),
                            IntBuffer.allocate(0),
                            FloatBuffer.allocate(0),
                            label,
                            label),
                    0,
                    null,
                    new float[2]);
        }
    }

    /** Of a memory of ten, a thousand draws show all. */
    private static TreeSet<Integer> remembered(ReplayMemory memory) {
        TreeSet<Integer> found = new TreeSet<>();
        if (memory.size() > 0) {
            FloatBuffer drawn = memory.draw(1_000).examples().numeric();
            for (int i = 0; i < drawn.limit(); i++) {
                found.add((int) drawn.get(i));
            }
        }
        return found;
    }

    private static TreeSet<Integer> numbers(int from, int to) {
        TreeSet<Integer> numbers = new TreeSet<>();
        for (int i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }
}
