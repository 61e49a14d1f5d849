// What the entries of a timeline mean to the customer, by language. The entry's own text is for staff and says more; what
// somebody wrote to the customer themselves, as when declining, is left as it is.

/** By language tag, as policies write them. */
type Texts = Readonly<Record<"ko-KR" | "zh-TW" | "en-GB", string>>;

const say = (english: string, korean: string, chinese: string): Texts => ({
  "en-GB": english,
  "ko-KR": korean,
  "zh-TW": chinese,
});

/** Entries whose text is somebody's word to the customer. */
export const ownWords: ReadonlySet<string> = new Set(["Declined"]);

/** By the entry's name. */
export const historyTexts: Readonly<Record<string, Texts>> = {
  AlreadyShipped: say("The order had left already.", "이미 출고된 주문입니다.", "訂單已經出貨。"),
  Approved: say("Your request was granted.", "신청이 승인되었습니다.", "申請已核准。"),
  AttentionRaised: say("Somebody is looking into it.", "담당자가 확인하고 있습니다.", "專人正在確認。"),
  AttentionCleared: say("Somebody has seen to it.", "담당자가 처리했습니다.", "專人已處理。"),
  AutoWithdrawn: say(
    "Nothing was handed over in time, so it was withdrawn.",
    "기한 안에 상품을 보내지 않아 신청이 철회되었습니다.",
    "未在期限內交付商品，申請已撤回。",
  ),
  Canceled: say("Your request was cancelled.", "신청이 취소되었습니다.", "申請已取消。"),
  Closed: say("Everything is done.", "모두 처리되었습니다.", "全部處理完成。"),
  CollectionFailed: say("The collection did not work out.", "회수하지 못했습니다.", "收件未能完成。"),
  ComesBack: say("The goods are on their way back to us.", "상품이 돌아오고 있습니다.", "商品正在退回途中。"),
  Converted: say("Your request became one of another kind.", "신청 유형이 변경되었습니다.", "申請類型已變更。"),
  DeadlineExtended: say(
    "You have more time to hand over.",
    "상품을 보낼 기한이 연장되었습니다.",
    "交付商品的期限已延長。",
  ),
  DeadlinesRecounted: say("The dates were counted anew.", "기한을 다시 계산했습니다.", "期限已重新計算。"),
  DifferencePaid: say("The difference is paid.", "차액이 결제되었습니다.", "差額已付清。"),
  DifferenceUnpaid: say("The difference was not paid.", "차액이 결제되지 않았습니다.", "差額尚未付款。"),
  DisputeDecided: say("Your objection was decided on.", "이의 신청의 결과가 나왔습니다.", "異議已有結果。"),
  DisputePaid: say("The rest of the money went back.", "나머지 금액이 환불되었습니다.", "其餘款項已退回。"),
  GiftRefunded: say("The gift's refund was paid.", "선물 환불이 완료되었습니다.", "禮物退款已完成。"),
  GuaranteeRefused: say(
    "The replacement goes out once we have looked at the goods.",
    "상품을 확인한 뒤 교환 상품을 보냅니다.",
    "確認商品後將寄出換貨商品。",
  ),
  GuaranteeSet: say(
    "An amount is set aside on your card until the goods are back.",
    "상품이 돌아올 때까지 카드에 금액이 보류됩니다.",
    "商品退回前，信用卡將預留一筆金額。",
  ),
  GuaranteeTaken: say(
    "What did not come back was charged.",
    "돌아오지 않은 상품의 금액이 청구되었습니다.",
    "未退回的商品已收費。",
  ),
  GuaranteedRefund: say(
    "The promised time has come: your refund goes out.",
    "약속한 날이 되어 환불을 진행합니다.",
    "已到承諾日期，開始退款。",
  ),
  HandOverConfirmed: say("The goods were handed over.", "상품을 전달했습니다.", "商品已交付。"),
  HandOverLocked: say(
    "The code was told wrongly too often.",
    "인증 번호를 여러 번 잘못 입력했습니다.",
    "驗證碼多次錯誤。",
  ),
  HandOverUnverified: say("The hand-over is being checked.", "전달 내용을 확인하고 있습니다.", "正在確認交付。"),
  HandoverResumed: say("Collections can be booked again.", "다시 회수를 예약할 수 있습니다.", "可以重新預約收件。"),
  HandoverStopped: say(
    "Nothing can be collected today; the day does not count.",
    "오늘은 회수할 수 없어 기한에서 제외합니다.",
    "今天無法收件，不計入期限。",
  ),
  Held: say(
    "Your request waits while we look into it.",
    "확인하는 동안 신청이 보류되었습니다.",
    "確認期間申請暫停處理。",
  ),
  InspectionCompleted: say("We have looked at the goods.", "상품 확인이 끝났습니다.", "商品檢查完成。"),
  InterceptRefused: say("The parcel could not be stopped.", "배송을 멈추지 못했습니다.", "無法攔截包裹。"),
  Intercepted: say(
    "The parcel was stopped and comes back.",
    "배송을 멈추고 상품이 돌아오고 있습니다.",
    "包裹已攔截並退回。",
  ),
  NeverHandedOver: say(
    "The goods were not handed over in time.",
    "기한 안에 상품을 받지 못했습니다.",
    "未在期限內收到商品。",
  ),
  NothingOwed: say("There is nothing to pay.", "지불할 금액이 없습니다.", "沒有應付金額。"),
  PaidByHand: say("The money went back by hand.", "담당자가 직접 환불했습니다.", "已由專人退款。"),
  ParcelDelivered: say(
    "The parcel has arrived at our warehouse.",
    "상품이 물류 센터에 도착했습니다.",
    "包裹已送達倉庫。",
  ),
  ParcelLost: say("The carrier lost the parcel.", "택배사가 상품을 분실했습니다.", "物流遺失了包裹。"),
  ParcelPickedUp: say("The carrier has the goods.", "택배사가 상품을 가져갔습니다.", "物流已取走商品。"),
  ParcelReceived: say("We have the goods.", "상품을 받았습니다.", "已收到商品。"),
  ParcelSilent: say(
    "We are asking the carrier where the parcel is.",
    "택배사에 상품의 위치를 확인하고 있습니다.",
    "正在向物流查詢包裹。",
  ),
  PickupAttemptFailed: say(
    "The driver could not collect the goods.",
    "기사가 상품을 회수하지 못했습니다.",
    "司機未能取件。",
  ),
  Recovered: say("It was paid back.", "금액이 회수되었습니다.", "款項已收回。"),
  RefundFailed: say(
    "The refund did not go through; we see to it.",
    "환불이 되지 않아 확인하고 있습니다.",
    "退款未成功，正在處理。",
  ),
  RefundHeld: say("The refund is waiting.", "환불이 대기 중입니다.", "退款等待中。"),
  RefundReversed: say(
    "The refund came back to us; we pay it another way.",
    "환불이 반송되어 다른 방법으로 드립니다.",
    "退款被退回，將改以其他方式支付。",
  ),
  RefundSucceeded: say("The money went back.", "환불되었습니다.", "款項已退回。"),
  Released: say("Your request goes on.", "신청을 다시 처리합니다.", "申請恢復處理。"),
  ReleaseStopped: say("The order was stopped before it left.", "출고 전에 주문을 멈췄습니다.", "訂單已在出貨前攔下。"),
  Reminded: say("Please hand over the goods in time.", "기한 안에 상품을 보내 주세요.", "請在期限內交付商品。"),
  Reopened: say("Your request was taken up again.", "신청을 다시 진행합니다.", "申請已重新進行。"),
  ReplacementHeld: say("The replacement is set aside for you.", "교환 상품을 준비해 두었습니다.", "換貨商品已保留。"),
  ReplacementShipped: say("The replacement is on its way.", "교환 상품을 보냈습니다.", "換貨商品已寄出。"),
  Requested: say("We have your request.", "신청이 접수되었습니다.", "已收到您的申請。"),
  Resumed: say("It goes on.", "다시 진행합니다.", "繼續處理。"),
  ReturnDeclined: say(
    "What came back cannot be taken back.",
    "돌아온 상품은 반품할 수 없습니다.",
    "退回的商品無法辦理退貨。",
  ),
  ReturnGranted: say("What came back is taken back.", "돌아온 상품을 반품으로 처리합니다.", "退回的商品以退貨處理。"),
  SoldOut: say(
    "The replacement is sold out; the money goes back instead.",
    "교환할 상품이 품절되어 환불합니다.",
    "換貨商品已售完，改為退款。",
  ),
  StepSkipped: say("Somebody saw to a step by hand.", "담당자가 직접 처리했습니다.", "專人已手動處理。"),
  StopPending: say("We are trying to stop the order.", "주문을 멈추는 중입니다.", "正在攔下訂單。"),
  UnitsChanged: say("How many goods come back was changed.", "반품 수량이 변경되었습니다.", "退貨數量已變更。"),
  VisitBooked: say("A visit is booked.", "방문이 예약되었습니다.", "已預約到府。"),
  Withdrawn: say("You took your request back.", "신청을 철회했습니다.", "您已撤回申請。"),
  WrittenOff: say("Nothing more is asked for.", "더 청구하지 않습니다.", "不再收取款項。"),
};

/** What an entry means to the customer; empty where its own text is meant for them. */
export function textsOf(name: string): Readonly<Record<string, string>> {
  return historyTexts[name] ?? {};
}
