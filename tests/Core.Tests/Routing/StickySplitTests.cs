using FsCheck;
using FsCheck.Fluent;
using Pipeline.Core.Routing;

namespace Pipeline.Core.Tests.Routing;

public sealed class StickySplitTests
{
    // Frozen: another value moves users between versions in the middle of a rollout.
    [Theory]
    [InlineData("", 9779)]
    [InlineData("a", 1279)]
    [InlineData("user-1", 6110)]
    [InlineData("user-2", 5039)]
    [InlineData("user-3", 8650)]
    [InlineData("12345678", 4258)]
    [InlineData("alice@example.com", 1086)]
    [InlineData("Ärger", 8059)]
    [InlineData("日本語", 3878)]
    [InlineData("0f8fad5b-d9cb-469f-a165-70867728950e", 6194)]
    public void Bucket_OfAUser_NeverChanges(string user, int bucket) =>
        Assert.Equal(bucket, new StickySplit("ocr-rec", "4").BucketOf(user));

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(500)]
    [InlineData(2500)]
    [InlineData(5000)]
    [InlineData(9999)]
    public void Split_OfAMillionUsers_IsWithinTwoTenthsOfAPoint(int weight)
    {
        var split = new StickySplit("ocr-rec", "4");
        int byUser = 0;
        int byRequest = 0;
        Span<char> user = stackalloc char[16];
        for (int i = 0; i < 1_000_000; i++)
        {
            i.TryFormat(user, out int length);
            if (split.TakesCandidate(user[..length], weight)) byUser++;
            if (split.TakesCandidate((ulong)i, weight)) byRequest++;
        }

        Assert.InRange(byUser / 10_000.0, weight / 100.0 - 0.2, weight / 100.0 + 0.2);
        Assert.InRange(byRequest / 10_000.0, weight / 100.0 - 0.2, weight / 100.0 + 0.2);
    }

    [Fact]
    public void User_WhoSeesTheCandidate_SeesItAtEveryHigherWeight() =>
        Prop.ForAll<string, int, int>((user, a, b) =>
        {
            var split = new StickySplit("ocr-rec", "4");
            int low = Math.Abs(a % 10_001);
            int high = low + Math.Abs(b % 10_001);
            return !split.TakesCandidate(user ?? "", low) || split.TakesCandidate(user ?? "", high);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bucket_OfAnyUser_IsInRange() =>
        Prop.ForAll<string>(user => new StickySplit("m", "1").BucketOf(user ?? "") is >= 0 and < StickySplit.Buckets)
            .QuickCheckThrowOnFailure();

    [Fact]
    public void AnotherCandidate_DrawsOtherUsers()
    {
        var first = new StickySplit("ocr-rec", "4");
        var second = new StickySplit("ocr-rec", "5");
        int both = Enumerable.Range(0, 100_000)
            .Count(u => first.TakesCandidate($"{u}", 1000) && second.TakesCandidate($"{u}", 1000));
        Assert.InRange(both, 800, 1200);
    }

    [Fact]
    public void Weight_Zero_TakesNobodyAndFullTakesAll()
    {
        var split = new StickySplit("ocr-rec", "4");
        Assert.DoesNotContain(Enumerable.Range(0, 1000), u => split.TakesCandidate($"{u}", 0));
        Assert.All(Enumerable.Range(0, 1000), u => Assert.True(split.TakesCandidate($"{u}", StickySplit.Buckets)));
    }
}
