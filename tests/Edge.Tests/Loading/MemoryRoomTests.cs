using FsCheck;
using FsCheck.Fluent;
using Pipeline.Edge.Loading;

namespace Pipeline.Edge.Tests.Loading;

public sealed class MemoryRoomTests
{
    private static Gen<long> Bytes => Gen.Choose(0, 100).Select(i => (long)i);

    [Theory]
    [InlineData(10, 0, 10, null, Admission.Load)]
    [InlineData(10, 0, 11, null, Admission.Refuse)]
    [InlineData(10, 1, 11, null, Admission.Wait)]
    [InlineData(10, 0, 11, 1L, Admission.SwapInPlace)]
    [InlineData(10, 0, 12, 1L, Admission.Refuse)]
    [InlineData(-5, 0, 5, 10L, Admission.SwapInPlace)]
    [InlineData(-5, 0, 1, null, Admission.Refuse)]
    [InlineData(long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue, Admission.Load)]
    [InlineData(long.MinValue, long.MaxValue, long.MaxValue, null, Admission.Refuse)]
    internal void Decision_ByNumbers(long free, long draining, long needed, long? replaced, Admission expected) =>
        Assert.Equal(expected, new MemoryRoom(free, draining, "").Admit(needed, replaced));

    [Fact]
    public void Decision_TakesNoMoreThanThereIs_AndNoPlaceWithoutNeed()
    {
        Gen<(long Free, long Draining, long Needed, long? Replaced)> cases =
            from free in Gen.Choose(-50, 150)
            from draining in Bytes
            from needed in Bytes
            from replaced in Gen.OneOf(Bytes.Select(b => (long?)b), Gen.Constant<long?>(null))
            select ((long)free, draining, needed, replaced);
        Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var room = new MemoryRoom(c.Free, c.Draining, "");
            Admission admission = room.Admit(c.Needed, c.Replaced);
            bool holds = admission switch
            {
                Admission.Load => c.Needed <= c.Free,
                Admission.Wait => c.Needed > c.Free && c.Needed <= c.Free + c.Draining,
                Admission.SwapInPlace => c.Needed > c.Free + c.Draining && c.Needed <= c.Free + c.Draining + c.Replaced,
                _ => c.Needed > c.Free + c.Draining + (c.Replaced ?? 0),
            };
            // More room never makes it worse.
            return holds && new MemoryRoom(c.Free + 1, c.Draining, "").Admit(c.Needed, c.Replaced) <= admission;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));
    }
}
