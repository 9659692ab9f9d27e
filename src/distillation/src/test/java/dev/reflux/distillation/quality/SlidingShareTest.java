package dev.reflux.distillation.quality;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import org.junit.jupiter.api.Test;

class SlidingShareTest {

    @Test
    void share_beforeTheFirstTime_isNotANumber() {
        assertThat(new SlidingShare(3).total()).isNaN();
        assertThat(new SlidingShare(3).recent()).isNaN();
    }

    @Test
    void recent_looksBackOnTheWindowAlone() {
        SlidingShare share = new SlidingShare(2);
        share.add(true);
        share.add(true);
        share.add(true);
        share.add(false);
        assertThat(share.total()).isEqualTo(0.75);
        assertThat(share.recent()).isEqualTo(0.5);
        assertThat(share.count()).isEqualTo(4);
    }

    @Test
    void savedAndRead_goesOnAlike() {
        SlidingShare share = new SlidingShare(5);
        for (int i = 0; i < 17; i++) {
            share.add(i % 3 == 0);
        }
        StateWriter state = new StateWriter();
        share.write(state);
        SlidingShare read = new SlidingShare(5);
        read.read(new StateReader(state.toBytes()));
        for (int i = 0; i < 4; i++) {
            share.add(i % 2 == 0);
            read.add(i % 2 == 0);
            assertThat(read.recent()).isEqualTo(share.recent());
            assertThat(read.total()).isEqualTo(share.total());
        }
    }
}
